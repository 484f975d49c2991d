import { Cusum } from '../detectors/cusum.ts';
import type { ChannelControl } from './calibrate.ts';
import { holm } from './holm.ts';
import { logRunLength, thresholdFor } from './run-length.ts';

/** A channel that says that its signal has left the reference. */
export interface Crossing {
  readonly signal: number;
  readonly direction: 1 | -1;
  /** ln of the mean seconds in which the reference would get here once. */
  readonly logRunLength: number;
}

/** Every channel's CUSUM, and Holm over them at the mean time between false alarms that was asked for. */
export class ChannelBank {
  readonly #controls: readonly ChannelControl[];
  readonly #sums: readonly Cusum[];
  readonly #logAlpha: number;
  #score = 0;

  /** `arlTicks`: mean ticks between false alarms of all channels together. */
  constructor(controls: readonly ChannelControl[], arlTicks: number) {
    this.#controls = controls;
    this.#logAlpha = -Math.log(arlTicks);
    // Not far above the threshold, so that a long fault is over soon after it ends; never below what one tick can give.
    this.#sums = controls.map((control) => {
      const threshold = Math.max(thresholdFor(control, arlTicks * controls.length), control.start);
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
    this.#score = Math.max(0, ...all.map((log) => -log)) / (Math.log(all.length) - this.#logAlpha);
    return holm(all, this.#logAlpha).map((i) => ({
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
