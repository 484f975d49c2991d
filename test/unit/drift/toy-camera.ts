import {
  type DriftAlarm,
  type DriftMonitor,
  ProfileBuilder,
  type ReferenceProfile,
} from '../../../src/drift/index.ts';
import { type Random, seededRandom } from '../../../src/drift/random.ts';
import {
  type DetectorIdentity,
  type PerceptionResult,
  type Thumbnail,
  type TrackedDetection,
  thumbnailCells,
  thumbnailHeight,
  thumbnailWidth,
} from '../../../src/perception/index.ts';

export const digest = `sha256:${'a'.repeat(64)}`;
export const otherDigest = `sha256:${'b'.repeat(64)}`;

export function identityOf(modelDigest: string): DetectorIdentity {
  return {
    model: 'toy',
    version: '1',
    digest: modelDigest,
    engine: 'fake',
    precision: 'fp32',
    labels: ['car', 'person'],
    inputWidth: 64,
    inputHeight: 36,
  };
}

/** What is wrong with the toy camera or its model at the moment. */
export interface Fault {
  readonly gain?: number;
  readonly offset?: number;
  /** Times the fine detail. */
  readonly detail?: number;
  /** Cells by which the view has moved. */
  readonly shift?: number;
  readonly noise?: number;
  /** Grey level that covers part of the picture: a blob in its middle. */
  readonly dirt?: number;
  /** Share of the width that something dark and plain hides. */
  readonly cover?: number;
  readonly frozen?: boolean;
  readonly red?: number;
  readonly scoreFactor?: number;
  /** Of whatever drives, and how many times as wide it is. */
  readonly label?: string;
  readonly width?: number;
  readonly nan?: boolean;
  /** The model finds nothing; what drives drives on. */
  readonly empty?: boolean;
  /** Nobody drives. */
  readonly deserted?: boolean;
  /** Share of boxes that are lost at random. */
  readonly dropped?: number;
  readonly digest?: string;
}

/**
 * A camera without pixels: thumbnails of a fixed texture with passing clouds and cars, and the boxes of the cars. Small
 * and fast, with autocorrelation of its own.
 */
export class ToyCamera {
  readonly fps: number;
  atMs = 0;
  /** Wall clock minus monotonic clock. */
  wallOffsetMs = 1_790_000_000_000;
  readonly #random: Random;
  readonly #texture: Float32Array;
  readonly #fine: Float32Array;
  readonly #noise: Float32Array;
  #sequence = 0;
  #light = 0;
  #last: Thumbnail | undefined;
  #cars: { x: number; y: number; v: number; id: number; score: number; label: string }[] = [];
  #nextId = 1;

  constructor(seed: number, fps = 5) {
    this.fps = fps;
    this.#random = seededRandom(seed);
    this.#noise = Float32Array.from({ length: 8192 }, () => this.#random.normal());
    // The place is the same for every seed: only what happens there differs.
    const place = seededRandom(77);
    const coarse = Float32Array.from({ length: 17 * 10 }, () => 60 + 130 * place.next());
    this.#texture = new Float32Array(thumbnailCells);
    this.#fine = new Float32Array(thumbnailCells);
    for (let y = 0; y < thumbnailHeight; y++)
      for (let x = 0; x < thumbnailWidth; x++) {
        this.#texture[y * thumbnailWidth + x] = coarse[Math.floor(y / 4) * 17 + Math.floor(x / 4)]!;
        this.#fine[y * thumbnailWidth + x] = place.next() < 0.4 ? 40 + 60 * place.next() : 0;
      }
  }

  /** One frame, and time goes on. */
  next(fault: Fault = {}): { thumbnail: Thumbnail; result: PerceptionResult; atMs: number } {
    const random = this.#random;
    const atMs = this.atMs;
    this.atMs += 1000 / this.fps;
    this.#light += 0.02 * (random.normal() - this.#light * 0.2);
    if (fault.deserted) this.#cars = [];
    else this.#drive();
    const thumbnail = fault.frozen && this.#last ? this.#last : this.#look(fault);
    this.#last = thumbnail;
    const detections = fault.empty ? [] : this.#detect(fault);
    const result: PerceptionResult = {
      camera: 'toy',
      sequence: this.#sequence++,
      stampNs: BigInt(Math.round((this.wallOffsetMs + atMs) * 1e6)),
      frameId: 'toy',
      width: 640,
      height: 360,
      detections,
      identity: identityOf(fault.digest ?? digest),
      timings: { preprocessMs: 1, inferMs: 1, postprocessMs: 1 },
      candidates: detections.length * 8 + random.below(5),
      captureToPublishMs: 5,
    };
    return { thumbnail, result, atMs };
  }

  #drive(): void {
    const random = this.#random;
    const seconds = 1 / this.fps;
    if (random.next() < 0.5 * seconds) {
      const label = random.next() < 0.75 ? 'car' : 'person';
      const score = 0.7 + 0.15 * random.next();
      this.#cars.push({
        x: -5,
        y: 14 + random.below(14),
        v: 4 + 6 * random.next(),
        id: this.#nextId++,
        score,
        label,
      });
    }
    for (const car of this.#cars) car.x += car.v * seconds;
    this.#cars = this.#cars.filter((car) => car.x < thumbnailWidth);
  }

  #look(fault: Fault): Thumbnail {
    const random = this.#random;
    const grey = new Uint8Array(thumbnailCells);
    const detail = new Uint8Array(thumbnailCells);
    const gain = (fault.gain ?? 1) * (1 + 0.01 * this.#light);
    const noise = fault.noise ?? 1;
    const begin = random.below(8192);
    for (let y = 0, cell = 0; y < thumbnailHeight; y++)
      for (let x = 0; x < thumbnailWidth; x++, cell++) {
        const from = y * thumbnailWidth + ((x + (fault.shift ?? 0)) % thumbnailWidth);
        const hidden = x < (fault.cover ?? 0) * thumbnailWidth;
        const dirty = hidden || (fault.dirt !== undefined && (x - 32) ** 2 + (y - 18) ** 2 < 81);
        let value = dirty ? (fault.dirt ?? 34) : this.#texture[from]!;
        if (!hidden && this.#covered(x, y)) value = 30;
        grey[cell] = clip(
          value * gain + (fault.offset ?? 0) + noise * 0.5 * this.#noise[(begin + cell) & 8191]!,
        );
        const fine = dirty ? 0 : this.#fine[from]! * (fault.detail ?? 1) * Math.min(1, fault.gain ?? 1);
        detail[cell] = clip(
          Math.sqrt(fine * fine + 16 * noise * noise) + noise * this.#noise[(begin + 3 * cell) & 8191]!,
        );
      }
    return {
      grey,
      detail,
      red: 0.4 * gain * (fault.red ?? 1),
      green: 0.4 * gain,
      blue: 0.38 * gain,
      chroma: 0.12,
      hash: Math.floor(random.next() * 2 ** 32),
    };
  }

  #covered(x: number, y: number): boolean {
    for (const car of this.#cars) if (x >= car.x && x < car.x + 5 && y >= car.y && y < car.y + 3) return true;
    return false;
  }

  #detect(fault: Fault): TrackedDetection[] {
    return this.#cars
      .filter(() => this.#random.next() >= (fault.dropped ?? 0))
      .map((car) => ({
        classId: 0,
        label: fault.label ?? car.label,
        score: fault.nan
          ? Number.NaN
          : Math.min(1, (car.score + 0.03 * this.#random.normal()) * (fault.scoreFactor ?? 1)),
        box: {
          x1: Math.max(0, car.x * 10),
          y1: car.y * 10,
          x2: Math.max(car.x * 10 + 50 * (fault.width ?? 1), 10),
          y2: car.y * 10 + (car.label === 'person' ? 60 : 30),
        },
        trackId: car.id,
      }));
  }
}

function clip(value: number): number {
  return Math.min(255, Math.max(0, Math.round(value)));
}

export function learnToy(seconds = 1500, seed = 1): ReferenceProfile {
  const builder = new ProfileBuilder({ modelDigest: digest, camera: 'toy', viewSeconds: 60 });
  const camera = new ToyCamera(seed);
  for (let i = 0; i < seconds * camera.fps; i++) {
    const { thumbnail, result, atMs } = camera.next();
    builder.observe(thumbnail, result, atMs);
  }
  return builder.finish();
}

/** Runs the camera for so long; gives the alarms. */
export function watch(
  monitor: DriftMonitor,
  camera: ToyCamera,
  seconds: number,
  fault: Fault = {},
): DriftAlarm[] {
  const alarms: DriftAlarm[] = [];
  for (let i = 0; i < seconds * camera.fps; i++) {
    const { thumbnail, result, atMs } = camera.next(fault);
    alarms.push(...monitor.observe(thumbnail, result, atMs));
  }
  return alarms;
}
