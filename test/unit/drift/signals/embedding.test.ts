import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type DriftAlarm,
  DriftMonitor,
  formatProfile,
  ProfileBuilder,
  parseProfile,
  type ReferenceProfile,
} from '../../../../src/drift/index.ts';
import { seededRandom } from '../../../../src/drift/random.ts';
import { EmbeddingMean, embeddingSource, projectedLength } from '../../../../src/drift/signals/embedding.ts';
import type { DetectorIdentity } from '../../../../src/perception/index.ts';
import { digest, learnToy, ToyCamera } from '../toy-camera.ts';

const channels = 96;
const by: DetectorIdentity = new ToyCamera(1).next().result.identity;

/** A backbone: features that go up and down with the street, and noise. `foreign`: how much of another place is in them. */
class Backbone {
  readonly #random = seededRandom(5);
  #busy = 0;

  of(boxes: number, foreign = 0): Float32Array {
    this.#busy += 0.05 * (boxes - this.#busy);
    return Float32Array.from({ length: channels }, (_, c) => {
      const usual = Math.sin(c) * this.#busy + 0.2 * this.#random.normal();
      return usual + foreign * Math.cos(7 * c);
    });
  }
}

function learnEmbedded(seconds: number): ReferenceProfile {
  const builder = new ProfileBuilder({ modelDigest: digest, camera: 'toy', viewSeconds: 60 });
  const [camera, backbone] = [new ToyCamera(1, 5), new Backbone()];
  for (let i = 0; i < seconds * camera.fps; i++) {
    const { thumbnail, result, atMs } = camera.next();
    builder.observe(thumbnail, { ...result, embedding: backbone.of(result.detections.length) }, atMs);
  }
  return builder.finish();
}

function watch(
  monitor: DriftMonitor,
  camera: ToyCamera,
  seconds: number,
  embeddingOf: (boxes: number) => ArrayLike<number> | undefined,
): DriftAlarm[] {
  const alarms: DriftAlarm[] = [];
  for (let i = 0; i < seconds * camera.fps; i++) {
    const { thumbnail, result, atMs } = camera.next();
    const embedding = embeddingOf(result.detections.length);
    alarms.push(
      ...monitor.observe(thumbnail, embedding === undefined ? result : { ...result, embedding }, atMs),
    );
  }
  return alarms;
}

describe('The mean embedding of a second', () => {
  it('is the projection of the mean, whatever the number of frames', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 5, maxLength: 5 }), {
          minLength: 1,
          maxLength: 40,
        }),
        (frames) => {
          const [all, one] = [new EmbeddingMean(), new EmbeddingMean()];
          for (const values of frames) all.add(values, by);
          one.add(
            frames[0]!.map((_, i) => frames.reduce((sum, values) => sum + values[i]!, 0) / frames.length),
            by,
          );
          const [got, wanted] = [all.take()!, one.take()!];
          expect(got.source).toBe(embeddingSource(by, 5));
          expect(got.projected).toHaveLength(projectedLength);
          for (const [k, value] of got.projected.entries())
            expect(value).toBeCloseTo(wanted.projected[k]!, 6);
          expect(all.take()).toBeUndefined();
        },
      ),
    );
  });

  it('keeps distances, as far as 24 numbers can', () => {
    const random = seededRandom(3);
    const far: number[] = [];
    for (let trial = 0; trial < 200; trial++) {
      const values = Float64Array.from({ length: channels }, () => random.normal());
      const mean = new EmbeddingMean();
      mean.add(values, by);
      const squared = mean.take()!.projected.reduce((sum, value) => sum + value * value, 0);
      // Per projected number the mean square of all channels.
      far.push(
        squared / projectedLength / (values.reduce((sum, value) => sum + value * value, 0) / channels),
      );
    }
    far.sort((a, b) => a - b);
    expect(far[100]).toBeGreaterThan(0.85);
    expect(far[100]).toBeLessThan(1.15);
    expect(far[10]).toBeGreaterThan(0.5);
  });

  it('is absent if a value is no number, and starts over for another length', () => {
    const mean = new EmbeddingMean();
    mean.add([1, Number.NaN, 2], by);
    expect(mean.take()).toBeUndefined();
    mean.add([1, 2, 3], by);
    mean.add([4, 5], by);
    expect(mean.take()?.source).toBe(embeddingSource(by, 2));
    mean.add([4, 5], by);
    mean.add([40, 50], { ...by, precision: 'int8' });
    expect(mean.take()).toMatchObject({ source: expect.stringContaining('int8, 2 numbers') });
  });
});

describe('A camera whose model gives an embedding', () => {
  let profile: ReferenceProfile;
  beforeAll(() => {
    profile = learnEmbedded(2400);
  });

  it('has it in its profile, which is read back as it was', () => {
    expect(profile.embedding?.source).toBe(embeddingSource(by, channels));
    expect(profile.embedding?.gaussian.mean).toHaveLength(projectedLength);
    expect(parseProfile(formatProfile(profile), 'a test').embedding).toEqual(profile.embedding);
  });

  it('is reported as unfamiliar when only its embedding shows it', () => {
    const monitor = new DriftMonitor(profile);
    const [camera, backbone] = [new ToyCamera(8, 5), new Backbone()];
    expect(watch(monitor, camera, 900, (boxes) => backbone.of(boxes))).toEqual([]);
    expect(monitor.state()).toMatchObject({ judging: true, resting: undefined });
    const alarms = watch(monitor, camera, 60, (boxes) => backbone.of(boxes, 1.5));
    expect(alarms[0]).toMatchObject({ phase: 'raised', message: 'scene change: unfamiliar' });
    // A street that is busy for a moment may be called that on the way.
    for (const { phase, message } of alarms.slice(1))
      expect([phase, message.split(':')[0]]).toEqual(['changed', 'scene change']);
    expect(alarms[0]!.signals.map(({ name }) => name)).toContain('embedding');
  });

  it.each<[string, () => ArrayLike<number> | undefined]>([
    ['comes no longer', () => undefined],
    ['has another length', () => new Float32Array(channels / 2)],
    ['is full of NaN', () => new Float32Array(channels).fill(Number.NaN)],
  ])('says nothing with one that %s', (_, embedding) => {
    const monitor = new DriftMonitor(profile);
    expect(watch(monitor, new ToyCamera(9, 5), 300, embedding)).toEqual([]);
    expect(monitor.state()).toMatchObject({
      judging: true,
      resting: expect.stringMatching(/comes now. Learn again/),
    });
    expect(monitor.state().signals.find(({ name }) => name === 'embedding')?.value).toBeNaN();
  });

  it('rests on another engine or in another precision, whose embedding is another', () => {
    const monitor = new DriftMonitor(profile);
    const [camera, backbone] = [new ToyCamera(9, 5), new Backbone()];
    const alarms: DriftAlarm[] = [];
    for (let i = 0; i < 300 * camera.fps; i++) {
      const { thumbnail, result, atMs } = camera.next();
      const embedding = backbone.of(result.detections.length, 3);
      const identity = { ...result.identity, precision: 'int8' };
      alarms.push(...monitor.observe(thumbnail, { ...result, identity, embedding }, atMs));
    }
    expect(alarms).toEqual([]);
    expect(monitor.state().resting).toBe(
      'The embedding is not judged: it was learned from fake fp32, 96 numbers, and fake int8, 96 numbers comes now. Learn again to watch it.',
    );
    expect(monitor.state().signals.find(({ name }) => name === 'embedding')?.value).toBeNaN();
    expect(monitor.state().watched).toEqual(['sensor', 'scene', 'model']);
  });

  it('is not learned from two precisions at once', () => {
    const builder = new ProfileBuilder({ modelDigest: digest, camera: 'toy', viewSeconds: 60 });
    const [camera, backbone] = [new ToyCamera(1, 2), new Backbone()];
    for (let i = 0; i < 1500 * camera.fps; i++) {
      const { thumbnail, result, atMs } = camera.next();
      const embedding = backbone.of(result.detections.length);
      const identity = { ...result.identity, precision: i < 1400 ? 'fp32' : 'int8' };
      builder.observe(thumbnail, { ...result, identity, embedding }, atMs);
    }
    expect(builder.finish().embedding).toBeUndefined();
  });

  it('is watched without it where the profile knows none', () => {
    const monitor = new DriftMonitor(learnToy(1500, 1));
    const backbone = new Backbone();
    expect(watch(monitor, new ToyCamera(2), 120, (boxes) => backbone.of(boxes, 3))).toEqual([]);
  });
});
