import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GoshawkError, InputError, LimitError, RefusedError } from '../../../../src/base/index.ts';
import {
  checkProfileModel,
  DriftMonitor,
  formatProfile,
  maxProfileBytes,
  ProfileBuilder,
  parseProfile,
  type ReferenceProfile,
} from '../../../../src/drift/index.ts';
import { bucketFor, hourOfDay } from '../../../../src/drift/profile/time-of-day.ts';
import { digest, learnToy, otherDigest, ToyCamera, watch } from '../toy-camera.ts';

let learned: ReferenceProfile | undefined;
const profile = () => {
  learned ??= learnToy(700);
  return learned;
};

describe('A reference profile', () => {
  it('is the same after it was written and read, and stays small', () => {
    const text = formatProfile(profile());
    expect(text.length).toBeLessThan(200_000);
    expect(formatProfile(parseProfile(text, 'profile.json'))).toBe(text);
  });

  it('comes out the same from the same stream', () => {
    expect(formatProfile(learnToy(700))).toBe(formatProfile(profile()));
  });

  it('is refused for another model by its digest', () => {
    expect(() => checkProfileModel(profile(), digest)).not.toThrow();
    expect(() => checkProfileModel(profile(), otherDigest)).toThrow(RefusedError);
  });

  it('names what is wrong with a broken one', () => {
    const good = profile();
    const broken: [unknown, RegExp][] = [
      [{ ...good, schema: 1 }, /schema/],
      [{ ...good, modelDigest: 'sha256:short' }, /modelDigest/],
      [{ ...good, buckets: [] }, /buckets/],
      [
        { ...good, buckets: good.buckets.map((bucket) => ({ ...bucket, classMix: [[0.2, 0.8]] })) },
        /mix of classes has other levels/,
      ],
      [{ ...good, classMix: { ...good.classMix, labels: ['a', 'b', 'c', 'd', 'e'] } }, /other slots/],
      [{ ...good, classMix: { ...good.classMix, busy: [3, 2, 1] } }, /do not rise/],
      [{ ...good, classMix: undefined }, /mix of classes is missing/],
      [{ ...good, gaussian: { mean: [0], factor: [1] } }, /covariance is of other signals/],
      [{ ...good, gaussian: { ...good.gaussian, factor: good.gaussian.factor.slice(1) } }, /does not fit/],
      [
        { ...good, forest: { sampleSize: 2, trees: [{ feature: [0], split: [0], left: [0] }] } },
        /points nowhere/,
      ],
      [
        { ...good, forest: { sampleSize: 2, trees: [{ feature: [0, -1], split: [0], left: [0] }] } },
        /unequal length/,
      ],
    ];
    for (const [value, message] of broken) {
      expect(() => parseProfile(JSON.stringify(value), 'p.json')).toThrow(message);
      expect(() => parseProfile(JSON.stringify(value), 'p.json')).toThrow(InputError);
    }
    expect(() => parseProfile('{', 'p.json')).toThrow(InputError);
    expect(() => parseProfile(' '.repeat(maxProfileBytes + 1), 'p.json')).toThrow(LimitError);
  });

  it('is either refused with an explanation or usable, whatever bytes are changed', () => {
    const text = formatProfile(profile());
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.string({ maxLength: 4 }), (at, junk) => {
        const changed = text.slice(0, at) + junk + text.slice(at + junk.length);
        let read: ReferenceProfile;
        try {
          read = parseProfile(changed, 'p.json');
        } catch (error) {
          expect(error).toBeInstanceOf(GoshawkError);
          return;
        }
        watch(new DriftMonitor(read), new ToyCamera(1), 12);
      }),
      { numRuns: 60 },
    );
  });

  it('learned from too little is refused with how much is needed', () => {
    const builder = new ProfileBuilder({ modelDigest: digest, camera: 'toy', viewSeconds: 60 });
    const camera = new ToyCamera(1);
    for (let i = 0; i < 500; i++) {
      const { thumbnail, result, atMs } = camera.next();
      builder.observe(thumbnail, result, atMs);
    }
    expect(builder.progress.started).toBe(1);
    expect(() => builder.finish()).toThrow(
      expect.objectContaining({ code: 'profile-short', remedy: expect.stringContaining('540 s') }),
    );
  });

  it('is of one model: a swap while it is learned is an error', () => {
    const builder = new ProfileBuilder({ modelDigest: digest, camera: 'toy' });
    const { thumbnail, result, atMs } = new ToyCamera(1).next({ digest: otherDigest });
    expect(() => builder.observe(thumbnail, result, atMs)).toThrow(InputError);
  });

  it('mutes the rule that the camera breaks all the time, and says so', () => {
    const builder = new ProfileBuilder({ modelDigest: digest, camera: 'toy', viewSeconds: 60 });
    const camera = new ToyCamera(1);
    const dark = { gain: 0.05, detail: 0 };
    for (let i = 0; i < 600 * camera.fps; i++) {
      const { thumbnail, result, atMs } = camera.next(dark);
      builder.observe(thumbnail, result, atMs);
    }
    const made = builder.finish();
    expect(made.mutedRules).toEqual(['black']);
    expect(watch(new DriftMonitor(made), new ToyCamera(3), 60, dark)).toEqual([]);
  });
});

describe('Time of day', () => {
  it('comes from the stamp and the offset of the place, before 1970 too', () => {
    expect(hourOfDay(0n, 0)).toBe(0);
    expect(hourOfDay(3_600_000_000_000n * 26n, 0)).toBe(2);
    expect(hourOfDay(0n, -3)).toBe(21);
    expect(hourOfDay(-3_600_000_000_000n, 0)).toBe(23);
  });

  it('takes the nearest learned hours around the clock where none fits', () => {
    const buckets = [
      { fromHour: 6, toHour: 12 },
      { fromHour: 12, toHour: 18 },
    ];
    expect(bucketFor(buckets, 6)).toBe(0);
    expect(bucketFor(buckets, 12)).toBe(1);
    expect(bucketFor(buckets, 20)).toBe(1);
    expect(bucketFor(buckets, 3)).toBe(0);
    expect(bucketFor([{ fromHour: 0, toHour: 2 }, ...buckets.slice(1)], 23)).toBe(0);
  });
});
