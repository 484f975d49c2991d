import { isCovered } from '../picture/fit.ts';
import { type Evidence, leastPlaced, oddAnswer } from './causes.ts';
import type { Verdict } from './verdict.ts';

/** Of the model's usual accuracy; what is expected to cost more is an alarm, what costs less a notice. */
export const harmfulLoss = 0.1;

/** `notice`: something changed. `alarm`: it is expected to harm, or what it costs is not known. */
export type Grade = 'notice' | 'alarm';

/** From, to. */
export type LossRange = readonly [low: number, high: number];

export interface LossEvidence extends Evidence {
  /** Share of the usual confidence that is gone, against the mean of each class; NaN where nothing was found. */
  readonly confidenceLost: number;
  /** Share of the boxes that are usually believed whose score is hardly enough; NaN where none are. */
  readonly fragile: number;
  /** Boxes now, of those that are usual. */
  readonly found: number;
  /** Boxes now, of the fewest that traffic makes by itself; NaN where it makes none. */
  readonly ofFewest: number;
}

const clip = (value: number, least: number): number =>
  Number.isNaN(value) ? 0 : Math.min(1, Math.max(least, value));
const share = (value: number): number => clip(value, 0);

/** Light that changes moves every cell once, and in haze all that moves is faint. */
const isLit = (fit: LossEvidence['fit']): boolean => (fit?.lightGain ?? 0) > 1;

/** Of the believed boxes: a network that usually finds so many things just barely loses as much by a picture as is foreseen. */
const usuallyFragile = 0.35;

interface Harm {
  /** The more of what is found is found just barely, the more is lost. */
  readonly ofPicture?: true;
  readonly worth: number;
  readonly of: (evidence: LossEvidence) => number;
}

/** Share of the view behind a cover from which what is there counts as lost: a van that stops hides less. */
const leastCovered = 0.3;

/** Deviations up to which more or fewer boxes are what traffic does by itself. */
export const beyondTraffic = 2;

/**
 * What a change of the picture or of the answers does to accuracy, each 0..1, and what one is worth: accuracy that is left is
 * e to the minus of their sum. Fitted, none below zero, to the F1 that networks lost on corrupted video
 * (`npm run bench -- drift-real`), and judged by leaving whole videos out (docs/evidence/drift.md).
 */
export const harms = {
  blur: {
    ofPicture: true,
    worth: 0.14,
    of: ({ fit }) => (fit === undefined ? 0 : (1 - fit.sharpness) * Math.min(1, fit.blurGain)),
  },
  hidden: {
    ofPicture: true,
    worth: 0.02,
    of: ({ fit }) => (fit === undefined || fit.kept < 0.5 ? 0 : fit.hidden),
  },
  // Not fitted: nobody finds what is behind a cover, and in a scene with little in it no answer shows that.
  covered: {
    worth: 0.7,
    of: ({ fit, placed }) =>
      fit === undefined || !isCovered(fit) || fit.hidden < leastCovered || fit.kept < 0.5
        ? 0
        : isLit(fit) || placed >= leastPlaced
          ? 0
          : fit.hidden,
  },
  contrast: {
    ofPicture: true,
    worth: 0.06,
    of: ({ fit }) => (fit === undefined ? 0 : -Math.log(Math.max(0.02, fit.slope)) / 2),
  },
  light: {
    ofPicture: true,
    worth: 0.05,
    of: ({ fit }) => (fit === undefined ? 0 : Math.abs(fit.dark + fit.bright)),
  },
  clipped: { ofPicture: true, worth: 0.09, of: ({ change }) => 2 * change('bright_share') },
  moved: { ofPicture: true, worth: 0.06, of: ({ placed }) => 2 * placed },
  colour: {
    ofPicture: true,
    worth: 0.02,
    of: ({ z }) => Math.max(Math.abs(z('red_share')), Math.abs(z('blue_share'))) / 12,
  },
  still: {
    worth: 0.7,
    of: ({ z, fit }) =>
      z('log_motion') < -beyondTraffic && !isLit(fit)
        ? (-z('log_alive') - z('log_motion') - z('log_speed')) / 12
        : 0,
  },
  confidence: { worth: 0.2, of: ({ confidenceLost }) => confidenceLost },
  grip: { worth: 1.2, of: ({ z }) => (-z('box_grip') / 10) * steadiness(z) },
  stale: { worth: 0.95, of: ({ change }) => 2 * change('stale_shift') },
  confused: { worth: 1.15, of: ({ change }) => Math.max(change('class_misfit'), change('class_flips')) },
  // In a lull a street has fewer; what is below that is gone.
  missing: { worth: 0.48, of: ({ ofFewest }) => 1 - ofFewest },
  surplus: { worth: 0.46, of: ({ z, found }) => (z('detections') < beyondTraffic ? 0 : found - 1) },
  // Not fitted: what a task's own numbers cost is not known, so that what is clear is an alarm.
  answer: { worth: 0.5, of: ({ z }) => (Math.max(oddAnswer(z), z('mix_distance')) - 3) / 9 },
  flicker: { worth: 0.24, of: ({ z }) => (z('flicker') + z('untracked')) / 15 },
} as const satisfies Record<string, Harm>;

/**
 * 0..1: 0 where noise or a mount that shakes moves all of the picture. Then nothing moves more under a box than beside it, wherever
 * the box is.
 */
function steadiness(z: Evidence['z']): number {
  return 1 - share((Math.max(z('log_noise'), z('log_motion')) - 2) / 6);
}

/** How far it is off, above and below the true loss, in eight of ten corruptions of a video that was left out (`fit.ts`). */
const most = { above: 0.2, below: 0.2 } as const;

/**
 * A mean over so many seconds; seconds without harm that it begins with, as the first of an incident are the wildest; and seconds
 * from which there is one: an incident is raised after two.
 */
const meanTicks = 30;
const harmlessTicks = 3;
const leastTicks = 2;

/**
 * The share of its accuracy that the model is expected to lose, without labels: a mean over half a minute, so that a moment
 * makes no alarm of a notice. What is below zero for a second counts in it: noise has a mean of none.
 */
export class ExpectedLoss {
  readonly #parts = new Float64Array(Object.keys(harms).length);
  #ticks = 0;

  add(evidence: LossEvidence): void {
    this.#ticks++;
    const weight = 1 / Math.min(meanTicks, this.#ticks + harmlessTicks);
    const weakness = Number.isNaN(evidence.fragile) ? 1 : evidence.fragile / usuallyFragile;
    for (const [i, { of, ofPicture }] of Object.values<Harm>(harms).entries()) {
      const now = clip(of(evidence), -1) * (ofPicture ? weakness : 1);
      this.#parts[i]! += weight * (now - this.#parts[i]!);
    }
  }

  /** 0..1; undefined before there was any sign. */
  get value(): number | undefined {
    if (this.#ticks < leastTicks) return undefined;
    const sum = Object.values(harms).reduce(
      (sum, { worth }, i) => sum + worth * Math.max(0, this.#parts[i]!),
      0,
    );
    return 1 - Math.exp(-sum);
  }

  /** Where the true loss is in eight of ten cases. */
  get range(): LossRange | undefined {
    const { value } = this;
    return value === undefined ? undefined : [share(value - most.above), share(value + most.below)];
  }

  /** By name, before they are weighted: 0 for none; those of the picture exceed 1 where boxes are fragile. */
  get parts(): Readonly<Record<string, number>> {
    return Object.fromEntries(Object.keys(harms).map((name, i) => [name, Math.max(0, this.#parts[i]!)]));
  }

  gradeOf(verdict: Verdict): Grade {
    if (verdict.kind === 'scene-change' && (verdict.change === 'busier' || verdict.change === 'emptier'))
      return 'notice';
    return (this.value ?? 0) > harmfulLoss ? 'alarm' : 'notice';
  }

  reset(): void {
    this.#parts.fill(0);
    this.#ticks = 0;
  }
}
