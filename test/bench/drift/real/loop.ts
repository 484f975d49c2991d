import { type Random, seededRandom } from '../../../../src/drift/random.ts';
import {
  type DetectorIdentity,
  type Image,
  type PerceptionResult,
  type Thumbnail,
  thumbnail,
} from '../../../../src/perception/index.ts';
import { startOf, identity as street } from '../replay.ts';
import { sampledHeight, sampledPlaces, sampledWidth } from '../sampled-places.ts';
import type { TraceDetection, TraceFrame } from '../trace.ts';
import type { Pixels } from './pixels.ts';
import { sensorNoise, stretch } from './record.ts';
import { framesPerSecond } from './videos.ts';

/** A moment of a stream as the monitor sees it. */
export interface Moment {
  readonly thumbnail: Thumbnail;
  readonly candidates: number;
  readonly detections: readonly TraceDetection[];
  readonly latencyMs: number;
  /** Seconds to the next one. */
  readonly stepS: number;
}

const shifts: readonly (readonly [number, number])[] = [
  [0, 0],
  [1, 0],
  [-1, 0],
  [0, 1],
  [0, -1],
];
const usualLatencyMs = 15;
const scoreNoise = 0.01;
const droppedShare = 0.02;

/** The pictures of a video at every shift, as a look takes them. */
export type Looks = readonly (readonly Image[])[];

export function looksOf(pictures: readonly Pixels[]): Looks {
  return pictures.map(({ width, height, data }) => {
    const step = width * 3;
    // A pixel of room at every side.
    const room = new Uint8Array(data.length + 2 * step + 6);
    room.set(data, step + 3);
    return shifts.map(
      ([dx, dy]) =>
        sampledPlaces({
          ...{ width, height, step, encoding: 'rgb8' },
          data: room.subarray((1 + dy) * step + 3 + 3 * dx),
        })!,
    );
  });
}

/**
 * The clean video again and again, never twice the same: every round begins somewhere else, a pixel aside, a little
 * brighter or darker, with one of two answers of the network; light drifts, pixels are noisy, some frames are lost.
 */
export class Loop {
  readonly #looks: Looks;
  readonly #answers: readonly (readonly TraceFrame[])[];
  readonly #random: Random;
  readonly #noise: Int8Array;
  readonly #table = new Uint8ClampedArray(512);
  readonly #data = new Uint8Array(sampledWidth * sampledHeight * 3);
  #at = 0;
  #left = 0;
  #shift = 0;
  #answer = 0;
  #gain = 1;
  #light = 0;
  #round = 0;

  constructor(looks: Looks, answers: readonly (readonly TraceFrame[])[], seed: number) {
    this.#looks = looks;
    this.#answers = answers;
    this.#random = seededRandom(seed);
    this.#noise = Int8Array.from({ length: 1 << 20 }, () => Math.round(sensorNoise * this.#random.normal()));
  }

  *play(seconds: number): Generator<Moment> {
    let stepS = 0;
    for (let i = 0; i < seconds * framesPerSecond; i++) {
      stepS += 1 / framesPerSecond;
      this.#move();
      if (this.#random.next() < droppedShare) continue;
      yield { ...this.#moment(), stepS };
      stepS = 0;
    }
  }

  /** The stretch that faults are made on, without one. */
  stretch(): Moment[] {
    this.#shift = 0;
    this.#answer = 1;
    this.#gain = 1;
    this.#round++;
    return Array.from({ length: stretch.frames }, (_, i) => {
      this.#at = stretch.from + i;
      return { ...this.#moment(), stepS: 1 / framesPerSecond };
    });
  }

  #move(): void {
    const random = this.#random;
    this.#at = (this.#at + 1) % this.#looks.length;
    this.#light += 0.002 * random.normal() - 0.005 * this.#light;
    if (this.#left-- > 0) return;
    this.#left = this.#looks.length;
    this.#at = random.below(this.#looks.length);
    this.#shift = random.below(shifts.length);
    this.#answer = random.below(this.#answers.length);
    this.#gain = 1 + 0.02 * random.normal();
    this.#round++;
  }

  #moment(): Omit<Moment, 'stepS'> {
    const look = this.#looks[this.#at]![this.#shift]!;
    const gain = this.#gain * (1 + this.#light);
    const table = this.#table;
    for (let i = 0; i < table.length; i++) table[i] = (i - 128) * gain;
    const { length } = look.data;
    const from = this.#random.below(this.#noise.length);
    for (let i = 0; i < length; i++)
      this.#data[i] = table[look.data[i]! + this.#noise[(from + i) & (this.#noise.length - 1)]! + 128]!;
    const { detections, candidates } = this.#answers[this.#answer]![this.#at]!;
    const jittered = detections.map(({ score, trackId, ...rest }) => ({
      ...rest,
      score: Math.min(1, Math.max(0.1, score + scoreNoise * this.#random.normal())),
      trackId: trackId === undefined ? undefined : trackId + 10_000 * this.#round,
    }));
    return {
      thumbnail: thumbnail({ ...look, data: this.#data }),
      detections: jittered,
      candidates,
      latencyMs: usualLatencyMs,
    };
  }
}

export interface Place {
  readonly labels: readonly string[];
  readonly width: number;
  readonly height: number;
}

export function identityOf({ labels }: Place): DetectorIdentity {
  return { ...street, model: 'real', labels };
}

/** Moments one after the other on one clock, as a camera delivers them. */
export class Player {
  atMs = 0;
  #sequence = 0;
  readonly #place: Place;
  readonly #identity: DetectorIdentity;

  constructor(place: Place) {
    this.#place = place;
    this.#identity = identityOf(place);
  }

  play(
    moments: Iterable<Moment>,
    take: (seen: Thumbnail, result: PerceptionResult, atMs: number) => void,
  ): void {
    for (const moment of moments) {
      this.atMs += 1000 * moment.stepS;
      take(moment.thumbnail, this.#result(moment), this.atMs);
    }
  }

  #result({ detections, candidates, latencyMs }: Moment): PerceptionResult {
    const { width, height, labels } = this.#place;
    return {
      ...{ camera: 'real', sequence: this.#sequence++, frameId: 'real', identity: this.#identity },
      ...{ stampNs: startOf.day + BigInt(Math.round(this.atMs * 1e6)), width, height, candidates },
      detections: detections.map(({ classId, score, box: [x1, y1, x2, y2], trackId }) => ({
        ...{ classId, label: labels[classId]!, score, box: { x1, y1, x2, y2 } },
        ...(trackId === undefined ? {} : { trackId }),
      })),
      timings: { preprocessMs: 1, inferMs: 10, postprocessMs: 1 },
      captureToPublishMs: latencyMs,
    };
  }
}
