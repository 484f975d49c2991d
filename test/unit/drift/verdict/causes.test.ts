import { describe, expect, it } from 'vitest';
import type { PictureFit } from '../../../../src/drift/picture/fit.ts';
import type { SignalName } from '../../../../src/drift/signals/catalogue.ts';
import { type Evidence, explain } from '../../../../src/drift/verdict/causes.ts';
import { describeVerdict } from '../../../../src/drift/verdict/verdict.ts';

type Numbers = Partial<Record<SignalName, number>>;

/** A picture as it usually is. */
const usual: PictureFit = {
  ...{
    lightGain: 0.05,
    blurGain: 0.01,
    noiseGain: 0.01,
    hiddenGain: 0,
    hidden: 0,
    largest: 0,
  },
  ...{ kept: 1, dark: 0, bright: 0, slope: 1, sharpness: 1, noise: 0 },
};

interface Seen {
  readonly z?: Numbers;
  readonly fit?: Partial<PictureFit>;
  readonly change?: Numbers;
  readonly placed?: number;
  readonly modelSuspect?: boolean;
}

function nameOf({ z = {}, fit = {}, change = {}, placed = 0, modelSuspect = false }: Seen): string {
  const evidence: Evidence = {
    z: (name) => z[name] ?? 0,
    furthest: (name) => z[name] ?? 0,
    change: (name) => change[name] ?? 0,
    fit: { ...usual, ...fit },
    ...{ placed, modelSuspect },
  };
  return describeVerdict(explain(evidence)[0]!.verdict);
}

/** Read from recordings of each on real video, rounded. */
const table: readonly [what: string, seen: Seen, name: string][] = [
  ['nothing that stands out', { z: { mahalanobis: 5 } }, 'scene change: unfamiliar'],
  [
    'dusk, by a curve that is no gain',
    {
      fit: { lightGain: 5.1, dark: -0.2, bright: -0.18, slope: 1.05, sharpness: 0.5 },
      z: { brightness: -11 },
    },
    'scene change: darker',
  ],
  [
    'a lens that lets little light in',
    { fit: { lightGain: 5.7, dark: -0.16, bright: -0.46, slope: 0.43 }, z: { log_gain: -12 } },
    'sensor fault: black',
  ],
  [
    'haze',
    { fit: { lightGain: 4.9, dark: 0.24, bright: 0, slope: 0.56 }, z: { log_gain: -9 } },
    'scene change: hazier',
  ],
  [
    'haze that comes at once: all cells change',
    {
      fit: { lightGain: 2.5, dark: 0.14, bright: -0.02, slope: 0.7, blurGain: 0.2, sharpness: 0.8 },
      z: { log_unexplained_motion: 10, lost_detail: 6, log_gain: -6 },
    },
    'scene change: hazier',
  ],
  [
    'fog that is thicker far away',
    { fit: { lightGain: 4.4, dark: 0.12, bright: -0.01, slope: 0.75 }, z: { log_gain: -5 } },
    'scene change: hazier',
  ],
  [
    'brighter shadows',
    { fit: { lightGain: 5, dark: 0.19, bright: 0.08, slope: 0.8 }, z: { brightness: 6 } },
    'scene change: brighter',
  ],
  [
    'too much light',
    {
      fit: { lightGain: 5.3, dark: 0.28, bright: 0.2, slope: 0.86, noise: -4 },
      change: { bright_share: 0.3 },
      z: { bright_share: 9 },
    },
    'sensor fault: overexposed',
  ],
  [
    'a lens out of focus',
    { fit: { blurGain: 2.6, sharpness: 0.1 }, z: { log_sharpness: -8 } },
    'sensor fault: blurred',
  ],
  [
    'noise',
    { fit: { noiseGain: 8.9, noise: 35 }, z: { log_noise: 12, log_unexplained_motion: 8 } },
    'sensor fault: noisy',
  ],
  [
    'rows that flicker',
    { z: { log_unexplained_motion: 9.8, log_sharpness: 3.8, unknown_class: 10, box_grip: -5 } },
    'sensor fault: noisy',
  ],
  [
    'a cloth over half of the view, in which the model sees things',
    {
      fit: { hidden: 0.55, largest: 1, hiddenGain: 3.6 },
      z: { foreign_share: 12, match: -12, unknown_class: 12 },
    },
    'sensor fault: covered',
  ],
  [
    'drops and dirt, here and there',
    {
      fit: { hidden: 0.15, largest: 0.4, hiddenGain: 0.3 },
      z: { unknown_class: 12, log_area: 7, foreign_share: 3 },
    },
    'sensor fault: dirty',
  ],
  [
    'scores that fell, while somebody stands before the camera as always',
    { fit: { hidden: 0.2, largest: 1, hiddenGain: 0.4 }, z: { score_evidence: 3, foreign_share: 1.5 } },
    'model regression',
  ],
  [
    'another mix, while somebody stands there',
    { fit: { hidden: 0.3, largest: 1, hiddenGain: 0.9 }, z: { class_evidence: 3, match: -1.8 } },
    'label shift',
  ],
  ['scores that are spread in another way', { z: { score_ks: 6, score: -0.5 } }, 'model regression'],
  ['a thin film of dirt', { z: { foreign_share: 4 } }, 'sensor fault: dirty'],
  [
    'another view, found again elsewhere',
    {
      fit: { hidden: 0.64, largest: 0.95, hiddenGain: 0.3, blurGain: 1.4, sharpness: 0.5 },
      placed: 0.3,
      z: { match: -8 },
    },
    'sensor fault: moved',
  ],
  [
    'a mount that shakes',
    { fit: { blurGain: 0.8, sharpness: 0.6 }, z: { log_unexplained_motion: 7, lost_detail: 5, flicker: 3 } },
    'sensor fault: moved',
  ],
  [
    'a mount that shakes less than a cell of the thumbnail: the edges of the picture are soft, those of the cells are not',
    {
      fit: { blurGain: 0.93, sharpness: 0.65, noiseGain: 0.1, noise: -0.75 },
      z: { log_unexplained_motion: 7.9, log_sharpness: -7.4, lost_detail: -0.3, log_motion: 1, flicker: 0.7 },
    },
    'sensor fault: moved',
  ],
  [
    'a stronger compression, which leaves the edges and takes the grain',
    {
      fit: { blurGain: 0.03, sharpness: 0.98, noiseGain: 5.6, noise: -4.9 },
      z: { log_noise: -12, lost_detail: 6.8, score: -0.8, low_margin: 0.6, log_track_age: -2.4 },
    },
    'sensor fault: blurred',
  ],
  [
    'the same in its first seconds: the grain goes before detail is missed',
    {
      fit: { blurGain: 0.03, sharpness: 0.98, noiseGain: 5.6, noise: -4.9 },
      z: { log_noise: -12, lost_detail: 1.5 },
    },
    'sensor fault: blurred',
  ],
  ['a red picture', { z: { red_share: 10, blue_share: -7, saturation: 9 } }, 'sensor fault: wrong colour'],
  [
    'a picture that stands while its clock runs',
    { z: { log_alive: -12, log_motion: -3.6, log_speed: -3, untracked: -2 } },
    'sensor fault: frozen',
  ],
  [
    'a picture that stands, coded anew',
    { z: { log_motion: -3.5, log_alive: -3, log_speed: -2.8 } },
    'sensor fault: frozen',
  ],
  ['an empty street', { z: { log_motion: -3, log_speed: -1, detections: -5 } }, 'scene change: emptier'],
  ['answers that come late', { z: { stale_shift: 8.5 } }, 'model regression'],
  ['numbers that are none', { z: { invalid_share: 12, detections: -8 } }, 'model regression'],
  ['boxes beside what moves', { z: { box_grip: -7.7, log_unexplained_motion: 5 } }, 'model regression'],
  ['boxes that are missing', { z: { detections: -3.4, log_unexplained_motion: 3.2 } }, 'model regression'],
  ['scores that fell', { z: { score: -5, low_margin: 2.3 } }, 'model regression'],
  ['boxes that come twice', { z: { flicker: 3.9, log_candidates: -3.8, detections: 2 } }, 'model regression'],
  [
    'numbers that are none, and who is not found looks like dirt',
    { z: { invalid_share: 12, detections: -2, foreign_share: 12 } },
    'model regression',
  ],
  ['a class that was never seen', { z: { unknown_class: 9 } }, 'label shift'],
  ['things of another shape', { z: { unknown_class: 9, log_area: 4, log_aspect: 3 } }, 'label shift'],
  ['another mix of the same classes', { z: { class_evidence: 12 } }, 'label shift'],
  [
    'a model that was touched, and another mix',
    { z: { class_evidence: 12 }, modelSuspect: true },
    'model regression',
  ],
  [
    'a crowd in which one hides the other, so that all are found less surely',
    {
      z: { detections: 5.6, score: -1.6, low_margin: 2.1, score_evidence: 3, log_track_age: -2.6 },
    },
    'scene change: busier',
  ],
  [
    'boxes that are missing, while those that are left look soft',
    { fit: { sharpness: 0.9 }, z: { detections: -3.4, log_unexplained_motion: 3.2, log_sharpness: -2.1 } },
    'model regression',
  ],
  ['a crowd', { z: { detections: 4, log_motion: 2 } }, 'scene change: busier'],
];

describe('The cause that explains best', () => {
  it.each(table)('of %s', (_, seen, name) => {
    expect(nameOf(seen)).toBe(name);
  });

  it('comes with the signals that tell it', () => {
    const evidence: Evidence = {
      z: (name) => (name === 'box_grip' ? -8 : 0),
      furthest: () => 0,
      ...{ change: () => 0, fit: usual, placed: 0, modelSuspect: false },
    };
    expect(explain(evidence)[0]!.signals[0]).toBe('box_grip');
  });

  it('can be asked without a picture', () => {
    const evidence: Evidence = {
      z: (name) => (name === 'score' ? -8 : 0),
      furthest: () => 0,
      ...{ change: () => 0, fit: undefined, placed: 0, modelSuspect: false },
    };
    expect(describeVerdict(explain(evidence)[0]!.verdict)).toBe('model regression');
  });
});
