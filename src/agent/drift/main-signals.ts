import type { SignalName } from '../../drift/index.ts';

/** The signals that are sent over time: those that say most, since each costs bytes on the wire. */
export const mainSignals: ReadonlySet<SignalName> = new Set<SignalName>([
  'brightness',
  'contrast',
  'log_sharpness',
  'log_noise',
  'log_motion',
  'offset',
  'match',
  'foreign_share',
  'lost_detail',
  'detections',
  'score',
  'low_margin',
  'flicker',
  'score_ks',
  'class_misfit',
  'answer_1',
  'answer_2',
  'answer_3',
  'answer_4',
  'mix_distance',
  'isolation',
  'mahalanobis',
]);
