import { thumbnailCells as cells, type Thumbnail } from '../../drift/index.ts';
import type { DetectorIdentity, PerceptionResult, TrackedDetection } from '../../perception/index.ts';

/*
 * Frames on their way from the event loop to the thread that learns. A message per frame costs the loop 0.04 ms, since a
 * clone walks every box of it and every message wakes the thread; so a second's frames go as rows of numbers in one.
 */

/** Some frames of one camera and one model, in buffers that can be given away. */
export interface FrameBatch {
  readonly digest: string;
  /** Per frame: grey, then detail. */
  readonly pictures: Uint8Array<ArrayBuffer>;
  readonly stampsNs: BigInt64Array<ArrayBuffer>;
  /** per frame its head, then its boxes: see `headNumbers`, `boxNumbers`. */
  readonly numbers: Float64Array<ArrayBuffer>;
  /** What the boxes call their classes by number. */
  readonly labels: readonly string[];
}

export interface BatchedFrame {
  readonly thumbnail: Thumbnail;
  /** What no profile is made of is missing: names, timings, numbers of classes. */
  readonly result: PerceptionResult;
  readonly atMs: number;
}

/** A second of a usual camera; a faster one sends more often. */
const mostFrames = 32;
const batchMs = 1000;

/** atMs, boxes, candidates, width, height, red, green, blue, chroma, hash. */
const headNumbers = 10;
/** Label, score, x1, y1, x2, y2, id of its track (NaN: none). */
const boxNumbers = 7;

/** Fixed memory but for a frame that has more boxes than any before. */
export class FrameBatcher {
  readonly #pictures = new Uint8Array(mostFrames * 2 * cells);
  readonly #stampsNs = new BigInt64Array(mostFrames);
  #numbers = new Float64Array(mostFrames * (headNumbers + 16 * boxNumbers));
  readonly #labels = new Map<string, number>();
  #digest = '';
  #frames = 0;
  #filled = 0;
  #sinceMs = 0;

  /** Copies the frame. Gives the batch that is full with it, or that it can't go with. */
  add(thumbnail: Thumbnail, result: PerceptionResult, atMs: number): FrameBatch | undefined {
    const { digest } = result.identity;
    const before = digest === this.#digest ? undefined : this.take();
    this.#digest = digest;
    if (this.#frames === 0) this.#sinceMs = atMs;
    this.#pictures.set(thumbnail.grey, 2 * this.#frames * cells);
    this.#pictures.set(thumbnail.detail, (2 * this.#frames + 1) * cells);
    this.#stampsNs[this.#frames] = result.stampNs;
    this.#frames++;
    this.#write(thumbnail, result, atMs);
    if (before !== undefined) return before;
    return this.#frames === mostFrames || atMs - this.#sinceMs >= batchMs ? this.take() : undefined;
  }

  /** What has come since the last batch; undefined: nothing. */
  take(): FrameBatch | undefined {
    if (this.#frames === 0) return undefined;
    const batch = {
      digest: this.#digest,
      pictures: this.#pictures.slice(0, 2 * this.#frames * cells),
      stampsNs: this.#stampsNs.slice(0, this.#frames),
      numbers: this.#numbers.slice(0, this.#filled),
      labels: [...this.#labels.keys()],
    };
    this.#frames = 0;
    this.#filled = 0;
    this.#labels.clear();
    return batch;
  }

  #write(thumbnail: Thumbnail, result: PerceptionResult, atMs: number): void {
    const { detections, candidates, width, height } = result;
    const { red, green, blue, chroma, hash } = thumbnail;
    const numbers = this.#roomFor(headNumbers + detections.length * boxNumbers);
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
    for (const { label, score, box, trackId = Number.NaN } of detections) {
      numbers[at++] = this.#numberOf(label);
      numbers[at++] = score;
      numbers[at++] = box.x1;
      numbers[at++] = box.y1;
      numbers[at++] = box.x2;
      numbers[at++] = box.y2;
      numbers[at++] = trackId;
    }
    this.#filled = at;
  }

  #roomFor(more: number): Float64Array {
    if (this.#filled + more > this.#numbers.length) {
      const larger = new Float64Array(2 * (this.#filled + more));
      larger.set(this.#numbers);
      this.#numbers = larger;
    }
    return this.#numbers;
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

/** The frames of a batch as they were, as far as a profile is made of them. */
export function* framesOf({
  digest,
  pictures,
  stampsNs,
  numbers,
  labels,
}: FrameBatch): Generator<BatchedFrame> {
  const identity = { ...noIdentity, digest };
  let at = 0;
  for (const [frame, stampNs] of stampsNs.entries()) {
    const head = numbers.subarray(at, at + headNumbers);
    const [atMs, boxes, candidates, width, height] = [head[0]!, head[1]!, head[2]!, head[3]!, head[4]!];
    const [red, green, blue, chroma, hash] = [head[5]!, head[6]!, head[7]!, head[8]!, head[9]!];
    const first = at + headNumbers;
    at = first + boxes * boxNumbers;
    const from = 2 * frame * cells;
    // Copies: who keeps one picture must not keep all of them.
    const grey = pictures.slice(from, from + cells);
    const detail = pictures.slice(from + cells, from + 2 * cells);
    const detections = Array.from({ length: boxes }, (_, i) =>
      boxAt(numbers, first + i * boxNumbers, labels),
    );
    yield {
      thumbnail: { grey, detail, red, green, blue, chroma, hash },
      result: { ...nothing, identity, stampNs, width, height, candidates, detections },
      atMs,
    };
  }
}

function boxAt(numbers: Float64Array, at: number, labels: readonly string[]): TrackedDetection {
  const trackId = numbers[at + 6]!;
  return {
    classId: -1,
    label: labels[numbers[at]!]!,
    score: numbers[at + 1]!,
    box: { x1: numbers[at + 2]!, y1: numbers[at + 3]!, x2: numbers[at + 4]!, y2: numbers[at + 5]! },
    ...(Number.isNaN(trackId) ? {} : { trackId }),
  };
}

const noIdentity: Omit<DetectorIdentity, 'digest'> = {
  ...{ model: '', version: '', engine: '', precision: '', labels: [], inputWidth: 1, inputHeight: 1 },
};
const nothing = {
  ...{ camera: '', sequence: 0, frameId: '', captureToPublishMs: 0 },
  timings: { preprocessMs: 0, inferMs: 0, postprocessMs: 0 },
};
