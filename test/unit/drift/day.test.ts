import { beforeAll, describe, expect, it, vi } from 'vitest';
import {
  type DriftAlarm,
  DriftMonitor,
  ProfileBuilder,
  type ReferenceProfile,
} from '../../../src/drift/index.ts';
import type { TrackedDetection } from '../../../src/perception/index.ts';
import { digest, type Fault, ToyCamera } from './toy-camera.ts';

vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

/*
 * Whole days through the monitor: a frame every two seconds, half an hour of recorded pictures over and over with new
 * objects in every round. What may not happen is a crash, and an alarm for the wrong reason.
 */

const fps = 0.5;
const dayS = 86_400;
type Shot = ReturnType<ToyCamera['next']>;
const record = (seed: number, fault: Fault = {}): Shot[] => {
  const camera = new ToyCamera(seed, fps);
  return Array.from({ length: 1800 * fps }, () => camera.next(fault));
};

let profile: ReferenceProfile;
let street: Shot[];
let deserted: Shot[];
beforeAll(() => {
  const builder = new ProfileBuilder({ modelDigest: digest, camera: 'toy', viewSeconds: 300 });
  const camera = new ToyCamera(1, fps);
  for (let i = 0; i < 7200 * fps; i++) {
    const { thumbnail, result, atMs } = camera.next();
    builder.observe(thumbnail, result, atMs);
  }
  profile = builder.finish();
  street = record(2);
  deserted = record(3, { deserted: true });
});

/** What the model makes of a picture. */
type Model = (detections: readonly TrackedDetection[]) => readonly TrackedDetection[];
const seeing: Model = (detections) => detections;
const blind: Model = () => [];

class Day {
  readonly monitor: DriftMonitor;
  readonly alarms: DriftAlarm[] = [];
  atMs = 0;
  wallMs = 1_790_000_000_000;
  #round = 0;

  constructor(reference = profile) {
    this.monitor = new DriftMonitor(reference);
  }

  run(seconds: number, shots: readonly Shot[], model = seeing): this {
    for (let i = 0; i < seconds * fps; i++) {
      const { thumbnail, result } = shots[i % shots.length]!;
      if (i % shots.length === 0) this.#round++;
      this.atMs += 1000 / fps;
      this.wallMs += 1000 / fps;
      const detections = model(result.detections).map((one) => ({
        ...one,
        trackId: one.trackId! + 100_000 * this.#round,
      }));
      const stampNs = BigInt(Math.round(this.wallMs)) * 1_000_000n;
      this.alarms.push(
        ...this.monitor.elapsed(this.atMs),
        ...this.monitor.observe(thumbnail, { ...result, detections, stampNs }, this.atMs),
      );
    }
    return this;
  }

  get said(): string[] {
    return this.alarms.map(({ phase, message, grade }) => `${phase}: ${message} (${grade})`);
  }
}

describe('A day', () => {
  it('as usual, here hours of one, with a wall clock that jumps and a week of sleep in it, says nothing', () => {
    const day = new Day().run(3600, street);
    for (const jumpMs of [-3_600_000, 3_600_000, 400 * 86_400_000, -800 * 86_400_000, 1, -12 * 3_600_000]) {
      day.wallMs += jumpMs;
      day.run(3600, street);
    }
    day.atMs += 7 * 86_400_000;
    day.run(1800, street);
    // A monotonic clock that went back: the device was set back from a snapshot.
    day.atMs = 0;
    expect(day.run(600, street).said).toEqual([]);
  });

  it('on which things move as always and nothing is found: a blind model, one alarm, and its end', () => {
    const day = new Day().run(600, street).run(dayS, street, blind);
    expect(day.said).toEqual(['raised: model regression (alarm)']);
    expect(day.alarms[0]?.signals.map(({ name }) => name)).toContain('log_unexplained_motion');
    expect(day.run(600, street).said.slice(1)).toEqual(['cleared: model regression (alarm)']);
  });

  it('on which nobody comes by: emptier, a notice, and never the model', () => {
    const day = new Day().run(600, street).run(dayS, deserted);
    expect(day.said).toEqual(['raised: scene change: emptier (notice)']);
    expect(day.run(600, street).said.slice(1)).toEqual(['cleared: scene change: emptier (notice)']);
  });
});

describe('Hours', () => {
  it.each([1, 4, 5, 6, 7])('of an empty street never speak of the model (street %i)', (seed) => {
    const empty = record(seed, { deserted: true });
    const day = new Day().run(300, street).run(2 * 3600, empty);
    expect(day.said).toEqual(['raised: scene change: emptier (notice)']);
  });

  it.each<[string, string, Model, string]>([
    [
      'NaN scores',
      'model regression',
      (found) => found.map((one) => ({ ...one, score: Number.NaN })),
      'invalid_share',
    ],
    [
      'boxes without an area',
      'model regression',
      (found) => found.map((one) => ({ ...one, box: { x1: 5, y1: 5, x2: 5, y2: 5 } })),
      'invalid_share',
    ],
    [
      'a class that was never seen',
      'label shift',
      (found) =>
        found.map(({ box, ...one }) => ({
          ...one,
          ...{ label: 'zebra', box: { ...box, x2: box.x2 + 20 * (box.x2 - box.x1) } },
        })),
      'unknown_class',
    ],
    [
      'usual things by the name of another class',
      'model regression',
      (found) => found.map((one) => ({ ...one, label: 'zebra' })),
      'unknown_class',
    ],
  ])('of %s are one incident: %s, for that reason', (_, verdict, model, signal) => {
    const day = new Day().run(600, street).run(2 * 3600, street, model);
    expect(day.alarms.filter(({ phase }) => phase === 'raised')).toHaveLength(1);
    expect(new Set(day.alarms.map(({ message }) => message))).toEqual(new Set([verdict]));
    expect(day.alarms[0]?.signals.map(({ name }) => name)).toContain(signal);
    for (const { signals } of day.alarms)
      for (const { value, deviations } of signals) expect([value, deviations].some(Number.isNaN)).toBe(false);
  });

  it('of a sixth of the frames are reported only as a lost frame rate', () => {
    const day = new Day({ ...profile, framesPerSecond: 6 * fps }).run(4 * 3600, street);
    expect(day.said).toEqual(['raised: sensor fault: frame rate lost (alarm)']);
  });
});
