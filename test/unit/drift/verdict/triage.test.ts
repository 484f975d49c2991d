import { describe, expect, it } from 'vitest';
import { at, type SignalName } from '../../../../src/drift/signals/catalogue.ts';
import { triage } from '../../../../src/drift/verdict/triage.ts';
import { describeVerdict } from '../../../../src/drift/verdict/verdict.ts';

type Changes = Partial<Record<SignalName, number>>;

/** Changes as they were read from recordings; every signal that is named has crossed. */
function verdictOf(
  changes: Changes,
  more: {
    match?: number;
    found?: number;
    dx?: number;
    suspect?: boolean;
    deviations?: Changes;
    change?: Changes;
  } = {},
): string | undefined {
  const crossings = (Object.keys(changes) as SignalName[]).map((name, i) => ({
    signal: at[name],
    direction: (changes[name]! > 0 ? 1 : -1) as 1 | -1,
    logRunLength: 40 - i,
  }));
  const verdict = triage({
    crossings,
    change: (name) => (more.change ?? changes)[name] ?? 0,
    deviations: (name) => more.deviations?.[name] ?? 0,
    match: more.match ?? 0.95,
    usualMatch: 0.97,
    shift: () => ({
      dx: more.dx ?? 0,
      dy: 0,
      match: more.found ?? more.match ?? 0.95,
      inPlace: more.match ?? 0.95,
    }),
    modelSuspect: more.suspect ?? false,
  });
  return verdict && describeVerdict(verdict);
}

describe('Triage', () => {
  const pictures: [what: string, changes: Changes, verdict: string][] = [
    ['focus lost', { log_sharpness: -1.65, lost_detail: 0.8, foreign_share: 0.05 }, 'sensor fault: blurred'],
    ['dirt', { foreign_share: 0.17, brightness: -0.04, log_sharpness: -0.15 }, 'sensor fault: dirty'],
    ['noise', { log_noise: 1.53, saturation: 0.03 }, 'sensor fault: noisy'],
    ['lost light', { log_gain: -0.94, brightness: -0.26, log_sharpness: -0.87 }, 'sensor fault: black'],
    [
      'too much light',
      { brightness: 0.31, bright_share: 0.23, log_noise: -1.5 },
      'sensor fault: overexposed',
    ],
    ['night', { brightness: -0.24, log_noise: 0.78, log_gain: -1, offset: 0.04 }, 'scene change: darker'],
    ['fog', { brightness: 0.14, log_gain: -0.4, offset: 0.29, foreign_share: 0.27 }, 'scene change: hazier'],
    ['a red picture', { red_share: 0.05, blue_share: -0.03 }, 'sensor fault: wrong colour'],
    ['a grey picture', { saturation: -0.08 }, 'sensor fault: wrong colour'],
  ];
  for (const [what, changes, verdict] of pictures) {
    it(`${what}: ${verdict}`, () => expect(verdictOf(changes)).toBe(verdict));
  }

  it('a view that is found again elsewhere has moved', () => {
    const changes = { match: -0.6, foreign_share: 0.4, lost_detail: 0.5 };
    expect(verdictOf(changes, { match: 0.3, found: 0.8, dx: 5 })).toBe('sensor fault: moved');
  });

  it('a view of which nothing is left, as clear as before, has moved too', () => {
    expect(verdictOf({ match: -0.9, foreign_share: 0.5 }, { match: 0.05, found: 0.1 })).toBe(
      'sensor fault: moved',
    );
  });

  it('tells what was found from how well it was found', () => {
    expect(verdictOf({ class_chi2: 4 })).toBe('label shift');
    expect(verdictOf({ unknown_class: 0.2, score: -0.1 })).toBe('label shift');
    expect(verdictOf({ score: -0.2, low_margin: 0.3 })).toBe('model regression');
    expect(verdictOf({ flicker: 2 })).toBe('model regression');
    expect(verdictOf({ detections: 3 }, { deviations: { detections: 4 } })).toBe('scene change: busier');
    expect(verdictOf({ detections: -3 }, { deviations: { detections: -4 } })).toBe('scene change: emptier');
    expect(verdictOf({ mmd: 1 })).toBe('scene change: unfamiliar');
  });

  it('asks the picture, too, where only the signals together are unusual', () => {
    const brighter = { mahalanobis: 6, brightness: 0.17 };
    const together = (deviations: Changes): string | undefined =>
      verdictOf({ mahalanobis: 6 }, { deviations, change: brighter });
    expect(together({ brightness: 6, score: -3 })).toBe('scene change: brighter');
    expect(together({ brightness: 3, score: -6 })).toBe('model regression');
    expect(together({ brightness: 2, score: -1 })).toBe('scene change: unfamiliar');
  });

  it('suspects a model that was touched, but not of the weather', () => {
    expect(verdictOf({ class_chi2: 4 }, { suspect: true })).toBe('model regression');
    expect(verdictOf({ brightness: -0.24, log_noise: 0.8, log_gain: -1 }, { suspect: true })).toBe(
      'scene change: darker',
    );
  });

  it('tells a blind model from an empty street and from dirt: things move, and few of them are found', () => {
    const fewer = { deviations: { detections: -4 } };
    const moving = { log_unexplained_motion: 2.5, detections: -3 };
    expect(verdictOf(moving, fewer)).toBe('model regression');
    expect(verdictOf({ ...moving, foreign_share: 0.08 }, fewer)).toBe('model regression');
    expect(verdictOf({ detections: -3 }, fewer)).toBe('scene change: emptier');
    expect(verdictOf({ foreign_share: 0.08 }, fewer)).toBe('sensor fault: dirty');
    // Unknown things that move beside the known ones are another matter.
    expect(verdictOf({ log_unexplained_motion: 2.5 })).toBe('scene change: unfamiliar');
  });

  it('says nothing when nothing crossed', () => expect(verdictOf({})).toBeUndefined());
});
