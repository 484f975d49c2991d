import { beforeAll, describe, expect, it } from 'vitest';
import {
  DriftMonitor,
  formatProfile,
  type LearningState,
  mergeLearning,
  ProfileBuilder,
  type ProfileOptions,
  type ReferenceProfile,
  resumeLearning,
  saveLearning,
  shortcomings,
} from '../../../../src/drift/index.ts';
import { at, baseCount } from '../../../../src/drift/signals/catalogue.ts';
import { digest, type Fault, identityOf, otherDigest, ToyCamera, watch } from '../toy-camera.ts';

const about = { modelDigest: digest, camera: 'toy' };
const options: ProfileOptions = { ...about, viewSeconds: 60 };

interface Recording {
  readonly seed: number;
  readonly seconds: number;
  readonly fault?: Fault;
  readonly fps?: number;
  /** Hour of the day at which it begins. */
  readonly hour?: number;
  readonly width?: number;
}

function learn(builder: ProfileBuilder, recording: Recording): ProfileBuilder {
  const { seed, seconds, fault = {}, fps = 2, hour = 6, width = 640 } = recording;
  const camera = new ToyCamera(seed, fps);
  camera.wallOffsetMs = hour * 3_600_000;
  for (let i = 0; i < seconds * fps; i++) {
    const { thumbnail, result, atMs } = camera.next(fault);
    builder.observe(thumbnail, { ...result, width, identity: identityOf(digest) }, atMs);
  }
  return builder;
}

const made = new Map<string, LearningState>();
function alone(recording: Recording, own = options): LearningState {
  const key = JSON.stringify([recording, own]);
  const state = made.get(key) ?? saveLearning(learn(new ProfileBuilder(own), recording));
  made.set(key, state);
  return state;
}
const merge = (...states: readonly LearningState[]): ProfileBuilder =>
  mergeLearning(
    states.map((state, i) => ({ state, where: `Part ${i + 1}` })),
    about,
  );
/** As `--add` learns it. */
const inOneGo = (first: Recording, later: Recording, own = options): ProfileBuilder =>
  learn(resumeLearning(alone(first, own), own, 'The first'), later);

/** Compared with what a state's own first minutes answered: what they would be beside other answers is not known. */
const ofOwnAnswers: ReadonlySet<number> = new Set([at.score_ks, at.class_misfit]);

/** Largest difference of the means of base signals, in deviations, and of the logs of deviations. */
function apart(a: ReferenceProfile, b: ReferenceProfile): { means: number; deviations: number } {
  const [[one], [other]] = [a.buckets, b.buckets] as const;
  let [means, deviations] = [0, 0];
  for (let i = 0; i < baseCount; i++) {
    const [mean, deviation] = [one!.mean[i] ?? null, one!.deviation[i] ?? null];
    if (mean === null || deviation === null || ofOwnAnswers.has(i)) continue;
    means = Math.max(means, Math.abs(mean - other!.mean[i]!) / deviation);
    deviations = Math.max(deviations, Math.abs(Math.log(deviation / other!.deviation[i]!)));
  }
  return { means, deviations };
}

/** What it is called, one name after the other. */
function said(profile: ReferenceProfile, fault: Fault, seconds = 40): string[] {
  const [monitor, camera] = [new DriftMonitor(profile), new ToyCamera(9, 2)];
  const alarms = [...watch(monitor, camera, 40), ...watch(monitor, camera, seconds, fault)];
  return [...new Set(alarms.map(({ message }) => message))];
}

const monday: Recording = { seed: 1, seconds: 1000 };
const tuesday: Recording = { seed: 2, seconds: 1000 };

describe('Profiles that are merged', () => {
  let merged: ReferenceProfile;
  let learned: ReferenceProfile;
  beforeAll(() => {
    merged = merge(alone(monday), alone(tuesday)).finish();
    learned = inOneGo(monday, tuesday).finish();
  });

  it('are the one that was learned in one go, to the byte, if each has its own times of day', () => {
    const own = { ...options, buckets: 2 };
    const [morning, evening] = [monday, { ...tuesday, hour: 18 }];
    const parts = merge(alone(morning, own), alone(evening, own));
    const one = inOneGo(morning, evening, own);
    expect(Buffer.compare(saveLearning(parts).numbers, saveLearning(one).numbers)).toBe(0);
    expect(formatProfile(parts.finish())).toBe(formatProfile(one.finish()));
  });

  it('are near to it within one time of day: only the look of the second recording is not judged', () => {
    const { means, deviations } = apart(learned, merged);
    expect(means).toBeLessThan(0.1);
    expect(deviations).toBeLessThan(0.12);
    expect(merged.buckets[0]).toMatchObject({
      grey: learned.buckets[0]!.grey,
      ticks: learned.buckets[0]!.ticks,
    });
    expect(merged.framesPerSecond).toBeCloseTo(learned.framesPerSecond, 6);
  });

  it.each<[string, Fault]>([
    ['nothing', {}],
    ['a frozen picture', { frozen: true }],
    ['a lens out of focus', { detail: 0.15 }],
    ['noise', { noise: 5 }],
    ['a knock', { shift: 8 }],
    ['dirt', { dirt: 20 }],
    ['lost light', { gain: 0.4 }],
    ['a lost colour', { red: 0.5 }],
    ['weak scores', { scoreFactor: 0.7 }],
    ['a new class', { label: 'tram' }],
    ['a model that finds nothing', { empty: true }],
  ])('say the same of %s', (_, fault) => {
    expect(said(merged, fault)).toEqual(said(learned, fault));
  });

  it('know the light of each: what a darker day looked like is usual, as where it was learned in one go', () => {
    const dark = { gain: 0.8 };
    const parts = merge(alone(monday), alone({ ...tuesday, fault: dark })).finish();
    const one = inOneGo(monday, { ...tuesday, fault: dark }).finish();
    const { means, deviations } = apart(one, parts);
    expect(means).toBeLessThan(0.15);
    expect(deviations).toBeLessThan(0.3);
    const [unknown, usual, merged] = [learned, one, parts].map((profile) => said(profile, dark, 120));
    expect(unknown).toContain('scene change: darker');
    expect(usual).not.toContain('scene change: darker');
    expect(merged).toEqual(usual);
  });

  it('in another order are near to what is learned in that order', () => {
    const { means, deviations } = apart(
      inOneGo(tuesday, monday).finish(),
      merge(alone(tuesday), alone(monday)).finish(),
    );
    expect(means).toBeLessThan(0.1);
    expect(deviations).toBeLessThan(0.12);
  });

  it('become one profile of three, to which more can be added', () => {
    const parts = merge(alone(monday), alone(tuesday), alone({ seed: 3, seconds: 400 }));
    const again = resumeLearning(saveLearning(parts), options, 'The merged state');
    expect(again.progress).toEqual(parts.progress);
    learn(again, { seed: 4, seconds: 200 });
    expect(said(again.finish(), {})).toEqual([]);
  });

  it('say together how the place looks where each alone was too short for that', () => {
    const [first, later] = [
      { seed: 1, seconds: 50 },
      { seed: 2, seconds: 50 },
    ];
    const builder = merge(alone(first), alone(later));
    expect(builder.state().learners[0]?.reference).toBeDefined();
    const other = merge(alone(later), alone(first));
    expect(other.state().learners[0]?.reference?.view).toEqual(builder.state().learners[0]?.reference?.view);
    expect(merge(alone(first), alone(monday)).progress.ready).toBe(1);
  });

  it('keep a sample of both with more minutes than are kept, the first and the last in front', () => {
    const many = { ...options, buckets: 24 };
    const state = merge(
      alone({ seed: 1, seconds: 900, fps: 1 }, many),
      alone({ seed: 2, seconds: 1800, fps: 1 }, many),
    ).state().learners[6]!;
    expect(state.blocks).toHaveLength(6);
    expect(state.blocksSeen).toBeGreaterThan(36);
    const minutes = state.blocks.map(({ minute }) => minute);
    expect(minutes[0]).toBe(0);
    expect(new Set(minutes).size).toBe(6);
    expect(minutes.filter((minute) => minute >= 13).length).toBeGreaterThan(1);
  });

  it('tell when they were learned from the same recording', () => {
    const twice = merge(alone({ ...monday, fps: 5 }), alone({ ...monday, fps: 5 })).finish();
    expect(twice.repeatedShare).toBeCloseTo(0.5, 1);
    expect(shortcomings(twice)[0]).toMatch(/% of the pictures are repetitions/);
    expect(merged.repeatedShare).toBe(0);
  });
});

describe('States that can’t be merged', () => {
  let first: LearningState;
  const short: Recording = { seed: 1, seconds: 200 };
  beforeAll(() => {
    first = alone(short);
  });

  it.each<[string, () => LearningState, string, RegExp]>([
    [
      'of another camera',
      () => alone(short, { ...options, camera: 'rear' }),
      'learning-foreign',
      /^Part 2 does not fit: its camera is rear, wanted is toy/,
    ],
    [
      'with other times of day',
      () => alone(short, { ...options, buckets: 2 }),
      'learning-foreign',
      /its times is 2, wanted is 1/,
    ],
    [
      'of another size of picture',
      () => alone({ ...short, width: 320 }),
      'learning-foreign',
      /its pictures have 320 x 360 pixels, the others 640 x 360/,
    ],
    [
      'of another view',
      () => alone({ ...short, fault: { shift: 31 } }),
      'learning-foreign',
      /it shows another view \(\d+ % of the edges match\)/,
    ],
    [
      'that are cut off',
      () => ({ head: first.head, numbers: first.numbers.subarray(0, -8) }),
      'learning-damaged',
      /ends before its last number/,
    ],
    [
      'of another version',
      () => ({ ...first, head: first.head.replace(/"version":\d+/, '"version":9') }),
      'learning-damaged',
      /version/,
    ],
  ])('because they are %s are refused by name', (_, other, code, message) => {
    const attempt = () => merge(first, other());
    expect(attempt).toThrow(message);
    expect(attempt).toThrow(expect.objectContaining({ code }));
  });

  it('because they are of another model are refused, whichever comes first', () => {
    const parts = [{ state: first, where: 'Monday' }];
    expect(() => mergeLearning(parts, { ...about, modelDigest: otherDigest })).toThrow(
      /^Monday does not fit: its modelDigest is sha256:aaaa.*wanted is sha256:bbbb/,
    );
  });
});
