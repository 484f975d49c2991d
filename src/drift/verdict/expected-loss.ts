import type { Evidence } from './causes.ts';
import type { Verdict } from './verdict.ts';

/** Of the model's usual accuracy; what is expected to cost more is an alarm, what costs less a notice. */
export const harmfulLoss = 0.1;

/** `notice`: something changed. `alarm`: it is expected to harm, or what it costs is not known. */
export type Grade = 'notice' | 'alarm';

export interface LossEvidence extends Evidence {
  /** Share of the usual confidence that is gone, against the mean of each class; NaN where nothing was found. */
  readonly confidenceLost: number;
  /** Boxes now, of those that are usual. */
  readonly found: number;
}

const share = (value: number): number => (Number.isNaN(value) ? 0 : Math.min(1, Math.max(0, value)));

/** Light that changes moves every cell once, and in haze all that moves is faint. */
const isLit = (fit: LossEvidence['fit']): boolean => (fit?.lightGain ?? 0) > 1;

/** Deviations up to which more or fewer boxes are what traffic does by itself. */
const beyondTraffic = 2;

/**
 * What a change of the picture or of the answers does to accuracy, each 0..1, and what one is worth: accuracy that is left is
 * e to the minus of their sum. Fitted, none below zero, to the F1 that networks lost on corrupted video
 * (`npm run bench -- drift-real`), and judged by leaving whole videos out (docs/evidence/drift.md).
 */
export const harms = {
  blur: {
    worth: 0.16,
    of: ({ fit }) => (fit === undefined ? 0 : (1 - fit.sharpness) * Math.min(1, fit.blurGain)),
  },
  noise: { worth: 0.02, of: ({ fit }) => (fit === undefined ? 0 : Math.log1p(Math.max(0, fit.noise)) / 4) },
  hidden: { worth: 0.02, of: ({ fit }) => (fit === undefined || fit.kept < 0.5 ? 0 : fit.hidden) },
  contrast: {
    worth: 0.02,
    of: ({ fit }) => (fit === undefined ? 0 : -Math.log(Math.max(0.02, fit.slope)) / 2),
  },
  light: { worth: 0.02, of: ({ fit }) => (fit === undefined ? 0 : Math.abs(fit.dark + fit.bright)) },
  clipped: { worth: 0.07, of: ({ change }) => 2 * change('bright_share') },
  moved: { worth: 0.02, of: ({ placed }) => 2 * placed },
  match: { worth: 0.02, of: ({ z }) => -z('match') / 12 },
  detail: { worth: 0.02, of: ({ change }) => change('lost_detail') },
  colour: { worth: 0.02, of: ({ z }) => Math.max(Math.abs(z('red_share')), Math.abs(z('blue_share'))) / 12 },
  still: {
    worth: 0.56,
    of: ({ z, fit }) =>
      z('log_motion') < -1.2 && !isLit(fit) ? (-z('log_alive') - z('log_motion') - z('log_speed')) / 12 : 0,
  },
  confidence: { worth: 0.3, of: ({ confidenceLost }) => confidenceLost },
  grip: { worth: 0.88, of: ({ z }) => -z('box_grip') / 10 },
  motion: { worth: 0.19, of: ({ z, fit }) => (isLit(fit) ? 0 : z('log_unexplained_motion') / 10) },
  stale: { worth: 0.87, of: ({ change }) => 2 * change('stale_shift') },
  unknown: { worth: 0.86, of: ({ change }) => change('unknown_class') },
  missing: { worth: 0.57, of: ({ z, found }) => (z('detections') > -beyondTraffic ? 0 : 1 - found) },
  surplus: { worth: 0.5, of: ({ z, found }) => (z('detections') < beyondTraffic ? 0 : found - 1) },
  flicker: { worth: 0.16, of: ({ z }) => (z('flicker') + z('untracked')) / 15 },
} as const satisfies Record<string, { worth: number; of: (evidence: LossEvidence) => number }>;

export type Harm = keyof typeof harms;

function harmsOf(evidence: LossEvidence): Record<Harm, number> {
  return Object.fromEntries(
    Object.entries(harms).map(([name, { of }]) => [name, share(of(evidence))]),
  ) as Record<Harm, number>;
}

/** Weight of the newest second, and seconds from which there is a mean: an incident is raised after two. */
const weight = 0.2;
const leastTicks = 2;

/** The share of its accuracy that the model is expected to lose, without labels, smoothed over some seconds. */
export class ExpectedLoss {
  #value: number | undefined;
  #ticks = 0;

  add(evidence: LossEvidence): void {
    const sum = Object.entries(harmsOf(evidence)).reduce(
      (all, [name, value]) => all + harms[name as Harm].worth * value,
      0,
    );
    const now = 1 - Math.exp(-sum);
    this.#value = this.#value === undefined ? now : this.#value + weight * (now - this.#value);
    this.#ticks++;
  }

  /** 0..1; undefined before there was any sign. */
  get value(): number | undefined {
    return this.#ticks < leastTicks ? undefined : this.#value;
  }

  gradeOf(verdict: Verdict): Grade {
    if (verdict.kind === 'scene-change' && (verdict.change === 'busier' || verdict.change === 'emptier'))
      return 'notice';
    return (this.value ?? 0) > harmfulLoss ? 'alarm' : 'notice';
  }

  reset(): void {
    this.#value = undefined;
    this.#ticks = 0;
  }
}
