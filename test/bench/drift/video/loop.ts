import { type Random, seededRandom } from '../../../../src/drift/random.ts';
import {
  type DetectorIdentity,
  type Image,
  type PerceptionResult,
  type Thumbnail,
  Tracker,
  thumbnail,
} from '../../../../src/perception/index.ts';
import { startOf, identity as street } from '../replay.ts';
import { sampledHeight, sampledWidth } from '../sampled-places.ts';
import { border, type ClipFrame, framesPerSecond, height, shifts, width } from './clip.ts';

export const identity: DetectorIdentity = {
  ...street,
  model: 'yolox-nano',
  inputWidth: 416,
  inputHeight: 416,
};

/** Of grey levels, every pixel and frame: what the sensor adds beside the noise that is in the video. */
const noise = 2;
const droppedShare = 0.02;
/** Of a score. A model that sees other noise gives other scores; so far it is a guess. */
const scoreNoise = 0.01;

/**
 * A part of the video again and again, never twice the same: each round begins somewhere else, a pixel shifted, a little
 * brighter or darker; light drifts, pixels are noisy, some frames are lost.
 */
export class Loop {
  readonly #frames: readonly ClipFrame[];
  readonly #random: Random;
  readonly #noise: Int8Array;
  /** Grey levels from -128 on, a little brighter or darker. */
  readonly #table = new Uint8ClampedArray(512);
  readonly #noisy = new Uint8Array(sampledWidth * sampledHeight * 3);
  readonly #tracker = new Tracker();
  #at = 0;
  #left = 0;
  /** Places among the shifts. */
  #dx = 0;
  #dy = 0;
  #light = 0;
  #gain = 1;
  #sequence = 0;

  constructor(frames: readonly ClipFrame[], seed: number) {
    this.#frames = frames;
    this.#random = seededRandom(seed);
    this.#noise = Int8Array.from({ length: 1 << 20 }, () => Math.round(noise * this.#random.normal()));
  }

  play(seconds: number, take: (thumbnail: Thumbnail, result: PerceptionResult, atMs: number) => void): void {
    const until = this.#sequence + seconds * framesPerSecond;
    for (; this.#sequence < until; this.#sequence++) {
      this.#move();
      if (this.#random.next() < droppedShare) continue;
      const frame = this.#frames[this.#at]!;
      const atMs = (this.#sequence * 1000) / framesPerSecond;
      const stampNs = startOf.day + BigInt(Math.round(atMs)) * 1_000_000n;
      take(thumbnail(this.#look(frame)), this.#result(frame, stampNs), atMs);
    }
  }

  #move(): void {
    const random = this.#random;
    this.#at = (this.#at + 1) % this.#frames.length;
    this.#light += 0.002 * random.normal() - 0.005 * this.#light;
    if (this.#left-- > 0) return;
    this.#left = this.#frames.length;
    this.#at = random.below(this.#frames.length);
    this.#dx = random.below(shifts.length);
    this.#dy = random.below(shifts.length);
    this.#gain = 1 + 0.02 * random.normal();
  }

  #look({ looks }: ClipFrame): Image {
    const look = looks[this.#dy]![this.#dx]!;
    const gain = this.#gain * (1 + this.#light);
    for (let i = 0; i < this.#table.length; i++) this.#table[i] = (i - 128) * gain;
    const data = this.#noisy;
    addNoise(look.data, this.#noise, this.#random.below(this.#noise.length), this.#table, data);
    return { ...look, data };
  }

  #result({ detections, candidates }: ClipFrame, stampNs: bigint): PerceptionResult {
    const x = border + shifts[this.#dx]!;
    const y = border + shifts[this.#dy]!;
    const jittered = detections.map(({ box, score, ...rest }) => ({
      ...rest,
      score: Math.min(1, Math.max(0.1, score + scoreNoise * this.#random.normal())),
      box: { x1: box.x1 - x, y1: box.y1 - y, x2: box.x2 - x, y2: box.y2 - y },
    }));
    return {
      ...{ camera: 'vtest', sequence: this.#sequence, stampNs, frameId: 'vtest', identity, candidates },
      ...{ width: width - 2 * border, height: height - 2 * border, captureToPublishMs: 15 },
      detections: this.#tracker.update(jittered, stampNs),
      timings: { preprocessMs: 1, inferMs: 10, postprocessMs: 1 },
    };
  }
}

/** `noise`: as long as a power of two. All that is touched 83 000 times per frame is a local number. */
function addNoise(
  data: Uint8Array,
  noise: Int8Array,
  from: number,
  table: Uint8ClampedArray,
  out: Uint8Array,
): void {
  const mask = noise.length - 1;
  for (let i = 0; i < data.length; i++) out[i] = table[data[i]! + noise[(from + i) & mask]! + 128]!;
}
