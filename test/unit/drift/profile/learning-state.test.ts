import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { GoshawkError } from '../../../../src/base/index.ts';
import {
  formatProfile,
  type LearningState,
  ProfileBuilder,
  type ProfileOptions,
  resumeLearning,
  saveLearning,
} from '../../../../src/drift/index.ts';
import { digest, otherDigest, ToyCamera } from '../toy-camera.ts';

const options: ProfileOptions = { modelDigest: digest, camera: 'toy', viewSeconds: 60 };
const where = 'The learned state';

/** A stream that can be given to several builders: the camera's own time goes on. */
function learn(builder: ProfileBuilder, camera: ToyCamera, seconds: number, embedded = false): void {
  for (let i = 0; i < seconds * camera.fps; i++) {
    const { thumbnail, result, atMs } = camera.next();
    const embedding = [result.candidates, result.detections.length, 1];
    builder.observe(thumbnail, embedded ? { ...result, embedding } : result, atMs);
  }
}

/** The same pictures for both. */
function learnBoth(one: ProfileBuilder, other: ProfileBuilder, camera: ToyCamera, seconds: number): void {
  for (let i = 0; i < seconds * camera.fps; i++) {
    const { thumbnail, result, atMs } = camera.next();
    one.observe(thumbnail, result, atMs);
    other.observe(thumbnail, result, atMs);
  }
}

/** As it lies on a disk. */
const stored = ({ head, numbers }: LearningState): LearningState => ({
  head: `${head}`,
  numbers: Uint8Array.from(numbers),
});
const restart = (builder: ProfileBuilder, own = options) =>
  resumeLearning(stored(saveLearning(builder)), own, where);

describe('Learning that is interrupted', () => {
  it('is the same as learning that was not interrupted but paused, at any moment', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 1, max: 1000 }), (seconds, seed) => {
        const paused = new ProfileBuilder(options);
        const camera = new ToyCamera(seed, 2);
        learn(paused, camera, seconds);
        const restarted = restart(paused);
        expect(restarted.progress).toEqual(paused.progress);
        camera.atMs += 30_000;
        learnBoth(paused, restarted, camera, 150);
        expect(stored(saveLearning(restarted))).toEqual(stored(saveLearning(paused)));
      }),
      { numRuns: 12 },
    );
  }, 120_000);

  it('gives the same profile', () => {
    const paused = new ProfileBuilder(options);
    const camera = new ToyCamera(7, 2);
    learn(paused, camera, 333);
    const restarted = restart(paused);
    camera.atMs += 30_000;
    learnBoth(paused, restarted, camera, 400);
    expect(formatProfile(restarted.finish())).toBe(formatProfile(paused.finish()));
  });

  it('keeps the sample of minutes as it would have been, with more minutes than are kept', () => {
    // 24 times of day keep six minutes each; all frames fall into one of them.
    const many = { ...options, buckets: 24 };
    const [one, camera] = [new ProfileBuilder(many), new ToyCamera(3, 1)];
    learn(one, camera, 900);
    const other = restart(one, many);
    camera.atMs += 30_000;
    learnBoth(one, other, camera, 600);
    const { learners } = one.state();
    expect(Math.max(...learners.map((learned) => learned?.blocksSeen ?? 0))).toBeGreaterThan(12);
    expect(stored(saveLearning(other))).toEqual(stored(saveLearning(one)));
  });

  it('keeps embeddings, and what was learned over several restarts', () => {
    let builder = new ProfileBuilder(options);
    const camera = new ToyCamera(4);
    for (let life = 0; life < 4; life++) {
      learn(builder, camera, 200, true);
      const before = saveLearning(builder);
      builder = restart(builder);
      expect(saveLearning(builder)).toEqual(before);
    }
    expect(builder.state().learners[0]?.blocks.some(({ embeddings }) => embeddings[5] !== undefined)).toBe(
      true,
    );
  });

  it('does not share its numbers with the state that it came from', () => {
    const builder = new ProfileBuilder(options);
    const camera = new ToyCamera(5);
    learn(builder, camera, 40);
    const state = saveLearning(builder);
    const before = stored(state);
    learn(resumeLearning(state, options, where), camera, 40);
    learn(builder, camera, 40);
    expect(state).toEqual(before);
  });
});

describe('A state that can’t be used', () => {
  let state: LearningState;
  beforeAll(() => {
    const builder = new ProfileBuilder(options);
    learn(builder, new ToyCamera(1), 400);
    state = saveLearning(builder);
  });

  it.each<[string, Partial<ProfileOptions>, RegExp]>([
    ['another model', { modelDigest: otherDigest }, /modelDigest is sha256:aaaa.*wanted is sha256:bbbb/],
    ['another camera', { camera: 'rear' }, /camera is toy, wanted is rear/],
    ['other times of day', { buckets: 4 }, /times is 1, wanted is 4/],
    ['another place', { utcOffsetHours: 9 }, /utcOffsetHours/],
    ['another phase of looking', { viewSeconds: 600 }, /viewSeconds/],
  ])('because it is of %s is refused, and says so', (_, change, message) => {
    const attempt = () => resumeLearning(state, { ...options, ...change }, where);
    expect(attempt).toThrow(message);
    expect(attempt).toThrow(expect.objectContaining({ code: 'learning-foreign' }));
  });

  it('because other signals were learned is refused', () => {
    const head = state.head.replace('"brightness"', '"lightness"');
    expect(() => resumeLearning({ ...state, head }, options, where)).toThrow(
      expect.objectContaining({ code: 'learning-foreign' }),
    );
  });

  it.each<[string, (state: LearningState) => LearningState]>([
    ['has lost its last numbers', ({ head, numbers }) => ({ head, numbers: numbers.subarray(0, -4) })],
    ['has too many numbers', ({ head, numbers }) => ({ head, numbers: new Uint8Array(numbers.length + 4) })],
    ['has half a head', ({ head, numbers }) => ({ head: head.slice(0, 900), numbers })],
    [
      'is of another version',
      ({ head, numbers }) => ({ head: head.replace(/"version":\d+/, '"version":1'), numbers }),
    ],
    [
      'has fewer minutes than it says',
      ({ head, numbers }) => ({ head: head.replace(/"blocksSeen":\d+/, '"blocksSeen":90'), numbers }),
    ],
  ])('because it %s is refused as damaged', (_, damage) => {
    expect(() => resumeLearning(damage(state), options, where)).toThrow(
      expect.objectContaining({ code: 'learning-damaged' }),
    );
  });

  it('is refused with an explanation or usable, whatever is changed in its head', () => {
    fc.assert(
      fc.property(fc.nat(state.head.length - 1), fc.string({ maxLength: 4 }), (at, junk) => {
        const head = state.head.slice(0, at) + junk + state.head.slice(at + junk.length);
        let builder: ProfileBuilder;
        try {
          builder = resumeLearning({ ...state, head }, options, where);
        } catch (error) {
          expect(error).toBeInstanceOf(GoshawkError);
          return;
        }
        learn(builder, new ToyCamera(2), 12);
      }),
      { numRuns: 100 },
    );
  });
});
