import { type Thumbnail, thumbnail } from '../../../../src/drift/index.ts';
import { type Random, seededRandom } from '../../../../src/drift/random.ts';
import {
  type DetectorIdentity,
  type Image,
  lookAt,
  type PerceptionResult,
  Tracker,
} from '../../../../src/perception/index.ts';
import { startOf, identity as street } from '../replay.ts';
import { type ClipFrame, framesPerSecond, height, width } from './clip.ts';

export const identity: DetectorIdentity = {
  ...street,
  model: 'yolox-nano',
  inputWidth: 416,
  inputHeight: 416,
};

/** Pixels that are cut off at every side, so that the picture can be shifted. */
const border = 4;
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
  readonly #tracker = new Tracker();
  #at = 0;
  #left = 0;
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
      take(thumbnail(this.#look(frame.image)), this.#result(frame, stampNs), atMs);
    }
  }

  #move(): void {
    const random = this.#random;
    this.#at = (this.#at + 1) % this.#frames.length;
    this.#light += 0.002 * random.normal() - 0.005 * this.#light;
    if (this.#left-- > 0) return;
    this.#left = this.#frames.length;
    this.#at = random.below(this.#frames.length);
    this.#dx = random.below(3) - 1;
    this.#dy = random.below(3) - 1;
    this.#gain = 1 + 0.02 * random.normal();
  }

  #look({ data, step }: Image): Image {
    const from = (border + this.#dy) * step + (border + this.#dx) * 3;
    const look = lookAt({
      ...{ data: data.subarray(from), width: width - 2 * border, height: height - 2 * border, step },
      encoding: 'rgb8',
    })!;
    const gain = this.#gain * (1 + this.#light);
    const table = Uint8ClampedArray.from({ length: 512 }, (_, i) => (i - 128) * gain);
    let at = this.#random.below(this.#noise.length);
    for (let i = 0; i < look.data.length; i++) {
      look.data[i] = table[look.data[i]! + this.#noise[at]! + 128]!;
      at = (at + 1) & (this.#noise.length - 1);
    }
    return look;
  }

  #result({ detections, candidates }: ClipFrame, stampNs: bigint): PerceptionResult {
    const x = border + this.#dx;
    const y = border + this.#dy;
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
