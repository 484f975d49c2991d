import { holm } from '../../base/index.ts';
import { Cusum } from '../detectors/cusum.ts';
import { signals } from '../signals/catalogue.ts';
import type { ChannelControl } from './calibrate.ts';
import { logRunLength, thresholdFor } from './run-length.ts';

/** A channel that says that its signal has left the reference. */
export interface Crossing {
  readonly signal: number;
  readonly direction: 1 | -1;
  /** ln of the mean seconds in which the reference would get here once. */
  readonly logRunLength: number;
}

/**
 * Every channel's CUSUM, and Holm over them at the mean time between false alarms that was asked for. Every family of
 * signals may use the same part of the false alarms, and every channel of a family the same part of that: two channels of
 * evidence must not pay for fifty others that ask something else.
 */
export class ChannelBank {
  readonly #controls: readonly ChannelControl[];
  readonly #sums: readonly Cusum[];
  readonly #weights: Float64Array;
  readonly #logAlpha: number;
  #score = 0;

  /** `arlTicks`: mean ticks between false alarms of all channels together. */
  constructor(controls: readonly ChannelControl[], arlTicks: number) {
    this.#controls = controls;
    this.#logAlpha = -Math.log(arlTicks);
    this.#weights = familyWeights(controls);
    // Not far above the threshold, so that a long fault is over soon after it ends; never below what one tick can give.
    this.#sums = controls.map((control, i) => {
      const threshold = Math.max(thresholdFor(control, arlTicks / this.#weights[i]!), control.start);
      return new Cusum(control.allowance, threshold + 40);
    });
  }

  /** How near the surest channel is to its threshold: 1 and above is an alarm of this second. */
  get score(): number {
    return this.#score;
  }

  /** `values`: standardised and clipped; NaN leaves its channels as they are. */
  add(values: ArrayLike<number>): Crossing[] {
    const logs = this.#controls.map((control, i) => {
      const value = values[control.signal]!;
      const sum = this.#sums[i]!;
      const level = Number.isNaN(value) ? sum.value : sum.add(control.direction * value);
      return level > 0 ? -logRunLength(control, level) : Number.NaN;
    });
    // Channels that stand at zero are still hypotheses: they count in the family.
    const all = logs.map((log) => (Number.isNaN(log) ? 0 : Math.min(0, log)));
    this.#score = Math.max(0, ...all.map((log, i) => log / (this.#logAlpha + Math.log(this.#weights[i]!))));
    return holm(all, this.#logAlpha, this.#weights).map((i) => ({
      signal: this.#controls[i]!.signal,
      direction: this.#controls[i]!.direction,
      logRunLength: -all[i]!,
    }));
  }

  reset(): void {
    this.#score = 0;
    for (const sum of this.#sums) sum.reset();
  }
}

/** Adds up to one. */
function familyWeights(controls: readonly ChannelControl[]): Float64Array {
  const sizes = new Map<string, number>();
  const familyOf = ({ signal }: ChannelControl): string => signals[signal]!.family;
  for (const control of controls) sizes.set(familyOf(control), (sizes.get(familyOf(control)) ?? 0) + 1);
  return Float64Array.from(controls, (control) => 1 / sizes.size / sizes.get(familyOf(control))!);
}
