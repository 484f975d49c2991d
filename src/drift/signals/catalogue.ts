/** What a signal is about; the triage reads it. */
export type SignalFamily =
  | 'picture'
  | 'view'
  | 'output'
  | 'distribution'
  | 'answer'
  | 'multivariate'
  | 'evidence';

export interface SignalInfo {
  readonly name: string;
  readonly family: SignalFamily;
  /**
   * Smallest deviation that a reference is believed to have, in the signal's own unit. A still life has nearly none; a
   * change that small harms no detector, so it must not count as many deviations.
   */
  readonly floor: number;
  readonly sides: 'both' | 'up' | 'down';
  /** Seconds over which it is an average: its excursions last as long. */
  readonly memoryS?: number;
  /** Depends on the number of frames per second: not judged while that is another than the reference's. */
  readonly ofRate?: boolean;
  /**
   * Evidence in nats, against which a healthy stream drifts down by itself: it is summed as it is, with no allowance but
   * what the reference's own minutes ask for.
   */
  readonly evidence?: boolean;
  /**
   * Evidence whose e^h is e^h times as rare by how it is made, however few minutes were learned; they tell where that begins.
   */
  readonly exact?: boolean;
}

/**
 * Every signal of a tick (one second), in the order of the vector. Logs where a value is a ratio, roots where it is a
 * count, so that deviations are about alike at both ends.
 */
export const signals = [
  { name: 'brightness', family: 'picture', floor: 0.02, sides: 'both' },
  { name: 'contrast', family: 'picture', floor: 0.01, sides: 'both' },
  { name: 'saturation', family: 'picture', floor: 0.02, sides: 'both' },
  { name: 'log_sharpness', family: 'picture', floor: 0.06, sides: 'both' },
  { name: 'log_noise', family: 'picture', floor: 0.08, sides: 'both' },
  { name: 'entropy_bits', family: 'picture', floor: 0.08, sides: 'both' },
  { name: 'dark_share', family: 'picture', floor: 0.02, sides: 'up' },
  { name: 'bright_share', family: 'picture', floor: 0.02, sides: 'up' },
  { name: 'log_motion', family: 'picture', floor: 0.2, sides: 'both' },
  { name: 'log_alive', family: 'picture', floor: 0.15, sides: 'down' },
  { name: 'red_share', family: 'picture', floor: 0.01, sides: 'both' },
  { name: 'blue_share', family: 'picture', floor: 0.01, sides: 'both' },
  { name: 'log_gain', family: 'view', floor: 0.05, sides: 'both' },
  { name: 'offset', family: 'view', floor: 0.02, sides: 'both' },
  { name: 'match', family: 'view', floor: 0.02, sides: 'down' },
  { name: 'foreign_share', family: 'view', floor: 0.01, sides: 'up' },
  { name: 'lost_detail', family: 'view', floor: 0.03, sides: 'up' },
  { name: 'detections', family: 'output', floor: 0.2, sides: 'both' },
  { name: 'score', family: 'output', floor: 0.03, sides: 'both' },
  { name: 'low_margin', family: 'output', floor: 0.06, sides: 'both' },
  { name: 'log_area', family: 'output', floor: 0.2, sides: 'both' },
  { name: 'log_aspect', family: 'output', floor: 0.1, sides: 'both' },
  { name: 'centre_x', family: 'output', floor: 0.04, sides: 'both' },
  { name: 'centre_y', family: 'output', floor: 0.03, sides: 'both' },
  { name: 'log_candidates', family: 'output', floor: 0.15, sides: 'both' },
  { name: 'flicker', family: 'output', floor: 0.1, sides: 'up', ofRate: true },
  { name: 'log_track_age', family: 'output', floor: 0.3, sides: 'both', ofRate: true },
  { name: 'untracked', family: 'output', floor: 0.05, sides: 'up', ofRate: true },
  { name: 'log_unexplained_motion', family: 'output', floor: 0.15, sides: 'up' },
  { name: 'box_grip', family: 'output', floor: 0.04, sides: 'down' },
  { name: 'log_speed', family: 'output', floor: 0.25, sides: 'both' },
  { name: 'stale_shift', family: 'output', floor: 0.06, sides: 'up' },
  { name: 'invalid_share', family: 'output', floor: 0.02, sides: 'up' },
  { name: 'unknown_class', family: 'distribution', floor: 0.01, sides: 'up' },
  { name: 'class_misfit', family: 'distribution', floor: 0.03, sides: 'up' },
  { name: 'class_flips', family: 'distribution', floor: 0.02, sides: 'up', ofRate: true },
  { name: 'score_ks', family: 'distribution', floor: 0.2, sides: 'up', memoryS: 30 },
  // What the task of the model says of its answers: see `Answer`, whose names people read.
  { name: 'answer_1', family: 'answer', floor: 0.03, sides: 'both' },
  { name: 'answer_2', family: 'answer', floor: 0.03, sides: 'both' },
  { name: 'answer_3', family: 'answer', floor: 0.03, sides: 'both' },
  { name: 'answer_4', family: 'answer', floor: 0.03, sides: 'both' },
  { name: 'mix_distance', family: 'answer', floor: 0.03, sides: 'up', memoryS: 30 },
  { name: 'isolation', family: 'multivariate', floor: 0.02, sides: 'up' },
  { name: 'mahalanobis', family: 'multivariate', floor: 0.3, sides: 'up' },
  { name: 'embedding', family: 'multivariate', floor: 0.3, sides: 'up' },
  { name: 'class_evidence', family: 'evidence', floor: 1, sides: 'up', evidence: true, exact: true },
  { name: 'score_evidence', family: 'evidence', floor: 1, sides: 'up', evidence: true },
] as const satisfies readonly SignalInfo[];

export type SignalName = (typeof signals)[number]['name'];
export const signalCount: number = signals.length;

/** Place of a signal in the vector. */
export const at = Object.fromEntries(signals.map(({ name }, index) => [name, index])) as Readonly<
  Record<SignalName, number>
>;

/** The vector's head: what a second is measured by. */
export const baseCount: number = at.isolation;

/** What the multivariate signals are made of: all of it but what one task says. */
export const pointCount: number = at.answer_1;

export const answerSignals = ['answer_1', 'answer_2', 'answer_3', 'answer_4'] as const;

/** As people read it; undefined for what the task does not say. `names`: of its answers. */
export function signalWords(place: number, names: readonly string[]): string | undefined {
  const own = place - at.answer_1;
  return own < 0 || own >= answerSignals.length ? signals[place]!.name : names[own];
}

/** Signals that hold what minutes were like: they say nothing of this second. */
export const remembered: ReadonlySet<number> = new Set(
  signals.flatMap((signal, place) => ('memoryS' in signal ? [place] : [])),
);

/** One side of one signal that is watched. */
export interface Channel {
  readonly signal: number;
  readonly direction: 1 | -1;
}

export const channels: readonly Channel[] = signals.flatMap(({ sides }, signal) =>
  sides === 'both'
    ? [
        { signal, direction: 1 as const },
        { signal, direction: -1 as const },
      ]
    : [{ signal, direction: sides === 'up' ? (1 as const) : (-1 as const) }],
);
