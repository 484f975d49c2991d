import type { WatchedResult } from '../../drift/index.ts';
import {
  type Answer,
  thumbnailCells as cells,
  type DetectorIdentity,
  type Thumbnail,
} from '../../perception/index.ts';

/*
 * Frames on their way from the event loop to the thread that learns. A message per frame costs the loop 0.04 ms: a clone
 * walks every box, and every message wakes the thread. So the frames of a second go as rows of numbers in one message, in
 * memory that both threads see: to give 130 kB away or to copy them costs 0.01 ms per frame, in pages that come and go.
 */

type WatchedDetection = WatchedResult['detections'][number];

/** Some frames of one camera, by one model on one engine. */
export interface FrameBatch {
  readonly model: Learned;
  /** See `SharedRows`. */
  readonly memory: SharedArrayBuffer;
  readonly frames: number;
  /** What the boxes call their classes by number. */
  readonly labels: readonly string[];
  /** Of all its answers. */
  readonly answerNames: readonly string[];
}

/** What a profile is bound to. */
type Learned = Pick<DetectorIdentity, 'digest' | 'engine' | 'precision'>;

export interface BatchedFrame {
  readonly thumbnail: Thumbnail;
  /** What no profile is made of is missing: names, timings, numbers of classes. */
  readonly result: WatchedResult;
  readonly atMs: number;
}

/** A second of most cameras, in 134 kB; a faster one sends more often. */
const mostFrames = 24;
const batchMs = 1000;

/**
 * atMs, boxes, candidates, width, height, red, green, blue, chroma, hash, length of the embedding, latency, values of its
 * answer, classes of its mix (-1: none).
 */
const headNumbers = 14;
/** Label, score, x1, y1, x2, y2, id of its track (NaN: none), 1 where its object is not watched. */
const boxNumbers = 8;
/** Of a batch, for boxes: 16 per frame; more boxes make it shorter. */
const usualNumbers = mostFrames * (headNumbers + 16 * boxNumbers);

/** The rows of a batch in shared memory. One thread writes while they are free, the other one reads and frees them. */
class SharedRows {
  readonly memory: SharedArrayBuffer;
  /** Per frame. */
  readonly stampsNs: BigInt64Array;
  /** Per frame: grey, then detail. */
  readonly pictures: Uint8Array;
  /** Per frame its head, its boxes and its embedding: see `headNumbers`, `boxNumbers`. */
  readonly numbers: Float64Array;
  readonly #taken: Int32Array;

  constructor(memory: SharedArrayBuffer) {
    this.memory = memory;
    this.#taken = new Int32Array(memory, 0, 1);
    this.stampsNs = new BigInt64Array(memory, 8, mostFrames);
    this.pictures = new Uint8Array(memory, 8 + 8 * mostFrames, mostFrames * 2 * cells);
    this.numbers = new Float64Array(memory, bytesBesideNumbers);
  }

  /** Room for so many numbers. */
  static of(numbers: number): SharedRows {
    return new SharedRows(new SharedArrayBuffer(bytesBesideNumbers + 8 * numbers));
  }

  get free(): boolean {
    return Atomics.load(this.#taken, 0) === 0;
  }

  set free(free: boolean) {
    Atomics.store(this.#taken, 0, free ? 0 : 1);
  }
}

const bytesBesideNumbers = 8 + mostFrames * (8 + 2 * cells);

/**
 * Memory for as many batches as wait at once: two or three, and more while the thread is late; each is used again.
 */
export class FrameBatcher {
  readonly #pool: SharedRows[] = [];
  /** Numbers of one embedding; with one, a batch has room for a second of them too. */
  #embedding = 0;
  #rows = this.#room(usualNumbers);
  readonly #labels = new Map<string, number>();
  #answerNames = noAnswer.names;
  #model: Learned = { digest: '', engine: '', precision: '' };
  #frames = 0;
  #filled = 0;
  #sinceMs = 0;

  /** Copies the frame. Gives the batch that is full with it, or that it does not go with. */
  add(thumbnail: Thumbnail, result: WatchedResult, atMs: number): FrameBatch | undefined {
    const { digest, engine, precision } = result.identity;
    const model = this.#model;
    const { names, values, mix = [] } = result.answer ?? noAnswer;
    const same =
      digest === model.digest &&
      engine === model.engine &&
      precision === model.precision &&
      names === this.#answerNames;
    this.#embedding = result.embedding?.length ?? 0;
    const size =
      headNumbers + result.detections.length * boxNumbers + this.#embedding + values.length + 2 * mix.length;
    const fits = same && this.#filled + size <= this.#rows.numbers.length;
    const before = fits ? undefined : this.take();
    if (size > this.#rows.numbers.length) this.#rows = this.#room(size);
    if (!same) this.#model = { digest, engine, precision };
    this.#answerNames = names;
    if (this.#frames === 0) this.#sinceMs = atMs;
    this.#write(thumbnail, result, atMs);
    if (before !== undefined) return before;
    return this.#frames === mostFrames || atMs - this.#sinceMs >= batchMs ? this.take() : undefined;
  }

  /** Frames since the last batch; undefined: none. */
  take(): FrameBatch | undefined {
    if (this.#frames === 0) return undefined;
    const { memory } = this.#rows;
    const batch = {
      ...{ model: this.#model, memory, frames: this.#frames },
      ...{ labels: [...this.#labels.keys()], answerNames: this.#answerNames },
    };
    this.#rows.free = false;
    this.#rows = this.#room(usualNumbers + mostFrames * this.#embedding);
    this.#frames = 0;
    this.#filled = 0;
    this.#labels.clear();
    return batch;
  }

  #room(numbers: number): SharedRows {
    const free = this.#pool.find((rows) => rows.free && rows.numbers.length >= numbers);
    if (free !== undefined) return free;
    const rows = SharedRows.of(numbers);
    this.#pool.push(rows);
    return rows;
  }

  #write(thumbnail: Thumbnail, result: WatchedResult, atMs: number): void {
    const { stampsNs, pictures, numbers } = this.#rows;
    const { red, green, blue, chroma, hash } = thumbnail;
    const { detections, candidates, width, height, embedding, captureToPublishMs, answer } = result;
    const frame = this.#frames++;
    stampsNs[frame] = result.stampNs;
    pictures.set(thumbnail.grey, 2 * frame * cells);
    pictures.set(thumbnail.detail, (2 * frame + 1) * cells);
    let at = this.#filled;
    numbers[at++] = atMs;
    numbers[at++] = detections.length;
    numbers[at++] = candidates;
    numbers[at++] = width;
    numbers[at++] = height;
    numbers[at++] = red;
    numbers[at++] = green;
    numbers[at++] = blue;
    numbers[at++] = chroma;
    numbers[at++] = hash;
    numbers[at++] = embedding?.length ?? 0;
    numbers[at++] = captureToPublishMs;
    numbers[at++] = answer?.values.length ?? 0;
    numbers[at++] = answer?.mix?.length ?? -1;
    for (const { label, score, box, trackId = Number.NaN, unwatched } of detections) {
      numbers[at++] = this.#numberOf(label);
      numbers[at++] = score;
      numbers[at++] = box.x1;
      numbers[at++] = box.y1;
      numbers[at++] = box.x2;
      numbers[at++] = box.y2;
      numbers[at++] = trackId;
      numbers[at++] = unwatched ? 1 : 0;
    }
    if (embedding !== undefined) {
      numbers.set(embedding, at);
      at += embedding.length;
    }
    for (const value of answer?.values ?? []) numbers[at++] = value;
    for (const [label, share] of answer?.mix ?? []) {
      numbers[at++] = this.#numberOf(label);
      numbers[at++] = share;
    }
    this.#filled = at;
  }

  #numberOf(label: string): number {
    let number = this.#labels.get(label);
    if (number === undefined) {
      number = this.#labels.size;
      this.#labels.set(label, number);
    }
    return number;
  }
}

/** The frames of a batch as they were, as far as a profile is made of them. Copies them and frees the batch's memory. */
export function unpackFrames({ model, memory, frames, labels, answerNames }: FrameBatch): BatchedFrame[] {
  const rows = new SharedRows(memory);
  const { stampsNs, pictures, numbers } = rows;
  const identity = { ...noIdentity, ...model };
  let at = 0;
  const unpacked = Array.from({ length: frames }, (_, frame): BatchedFrame => {
    const head = numbers.subarray(at, at + headNumbers);
    const [atMs, boxes, candidates, width, height] = [head[0]!, head[1]!, head[2]!, head[3]!, head[4]!];
    const [red, green, blue, chroma, hash] = [head[5]!, head[6]!, head[7]!, head[8]!, head[9]!];
    const [embedded, captureToPublishMs, answered, mixed] = [head[10]!, head[11]!, head[12]!, head[13]!];
    const first = at + headNumbers;
    const last = first + boxes * boxNumbers;
    const said = last + embedded;
    at = said + answered + 2 * Math.max(0, mixed);
    const from = 2 * frame * cells;
    const grey = pictures.slice(from, from + cells);
    const detail = pictures.slice(from + cells, from + 2 * cells);
    const detections = Array.from({ length: boxes }, (_, i) =>
      boxAt(numbers, first + i * boxNumbers, labels),
    );
    return {
      thumbnail: { grey, detail, red, green, blue, chroma, hash },
      result: {
        ...{ ...nothing, identity, stampNs: stampsNs[frame]!, width, height, candidates, detections },
        captureToPublishMs,
        ...(embedded === 0 ? {} : { embedding: numbers.slice(last, said) }),
        ...(answered === 0
          ? {}
          : { answer: answerAt(numbers, said, { answered, mixed, labels, names: answerNames }) }),
      },
      atMs,
    };
  });
  rows.free = true;
  return unpacked;
}

function boxAt(numbers: Float64Array, at: number, labels: readonly string[]): WatchedDetection {
  const trackId = numbers[at + 6]!;
  return {
    classId: -1,
    label: labels[numbers[at]!]!,
    score: numbers[at + 1]!,
    box: { x1: numbers[at + 2]!, y1: numbers[at + 3]!, x2: numbers[at + 4]!, y2: numbers[at + 5]! },
    ...(Number.isNaN(trackId) ? {} : { trackId }),
    ...(numbers[at + 7] === 1 ? { unwatched: true } : {}),
  };
}

function answerAt(
  numbers: Float64Array,
  at: number,
  of: Pick<Answer, 'names'> & {
    readonly answered: number;
    readonly mixed: number;
    readonly labels: readonly string[];
  },
): Answer {
  const { names, answered, mixed, labels } = of;
  const shareAt = (i: number): [string, number] => [
    labels[numbers[at + answered + 2 * i]!]!,
    numbers[at + answered + 2 * i + 1]!,
  ];
  return {
    ...{ names, values: [...numbers.subarray(at, at + answered)] },
    ...(mixed < 0 ? {} : { mix: Array.from({ length: mixed }, (_, i) => shareAt(i)) }),
  };
}

const noAnswer: Answer = { names: [], values: [] };
const noIdentity: Omit<DetectorIdentity, keyof Learned> = {
  ...{ model: '', version: '', labels: [], inputWidth: 1, inputHeight: 1 },
};
const nothing = {
  ...{ camera: '', sequence: 0, frameId: '' },
  timings: { preprocessMs: 0, inferMs: 0, postprocessMs: 0 },
};
