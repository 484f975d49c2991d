import type { Verdict } from './verdict.ts';

/** Of the model's usual accuracy; what is expected to cost more is an alarm, what costs less a notice. */
export const harmfulLoss = 0.1;

/**
 * mAP that goes with a share of the confidence. A box that is lost takes nothing from the mean of those that are left, so
 * it is more than one; fitted by eye to recordings of one street (docs/drift.md), to be judged on others.
 */
const lossPerConfidence = 2;
/** Seconds that are averaged at most, and those from which the mean is believed: an incident is raised after two. */
const longestTicks = 60;
const leastTicks = 2;
/** Seconds after which a loss that can't be told counts as one. */
const patienceTicks = 8;
/** Until so many seconds are averaged, chance is large, and only twice the loss is believed. */
const sureTicks = 40;
/** Seconds without any sign after which the next one begins anew. */
const restTicks = 3;

/**
 * What a change costs the model, without labels: the share of its usual confidence that is gone since the first sign
 * (difference of confidences, Guillory et al. 2021). Confidence is taken against the mean of each class, so that another
 * mix of classes is no loss.
 */
export class ExpectedLoss {
  readonly #shares: number[] = [];
  #quiet = restTicks;

  /**
   * One second. `sign`: something has left the reference. `change`: mean score minus the usual one, NaN where there were
   * no boxes; `usual`: the usual mean score.
   */
  add(sign: boolean, change: number, usual: number): void {
    this.#quiet = sign ? 0 : this.#quiet + 1;
    if (this.#quiet >= restTicks) this.reset();
    if (!sign) return;
    this.#shares.push(-change / usual);
    if (this.#shares.length > longestTicks) this.#shares.shift();
  }

  /** 0..1; undefined where too little was found to say. */
  get value(): number | undefined {
    const known = this.#shares.filter((share) => Number.isFinite(share));
    if (known.length < leastTicks || 2 * known.length < this.#shares.length) return undefined;
    const mean = known.reduce((sum, share) => sum + share, 0) / known.length;
    return Math.min(1, Math.max(0, lossPerConfidence * mean));
  }

  gradeOf(verdict: Verdict): Grade {
    if (verdict.kind === 'model-regression') return 'alarm';
    const loss = this.value;
    // Nobody is there to be missed: had something moved without a box, it would be a model regression.
    if (loss === undefined && verdict.kind === 'scene-change' && verdict.change === 'emptier')
      return 'notice';
    if (loss === undefined) return this.#shares.length >= patienceTicks ? 'alarm' : 'notice';
    return loss > (this.#shares.length < sureTicks ? 2 : 1) * harmfulLoss ? 'alarm' : 'notice';
  }

  reset(): void {
    this.#shares.length = 0;
  }
}

/** `notice`: something changed. `alarm`: it is expected to harm, or what it costs is not known. */
export type Grade = 'notice' | 'alarm';
