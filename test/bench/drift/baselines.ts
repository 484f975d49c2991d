import { Adwin, ksDistance, PageHinkley, psi, type ReferenceProfile } from '../../../src/drift/index.ts';
import { LoadedProfile, standardise } from '../../../src/drift/profile/loaded.ts';
import type { Tick } from '../../../src/drift/signals/assembler.ts';
import { baseCount, signalCount } from '../../../src/drift/signals/catalogue.ts';

/** A published detector over all base signals: gives one number per second, alarms above a threshold. */
export interface Baseline {
  readonly name: string;
  add(tick: Tick): number;
}

const windowSeconds = 60;
const bins = 20;
/** Bin edges in deviations of the reference. */
const low = -5;
const high = 5;

function standardiser(profile: ReferenceProfile): (tick: Tick) => Float64Array {
  const loaded = new LoadedProfile(profile);
  const out = new Float64Array(signalCount);
  return (tick) => {
    standardise(tick.vector, loaded.at(tick.stampNs), out, 0, baseCount);
    return out;
  };
}

/** The last minute of every signal as counts, against the counts of the reference. */
abstract class Windowed implements Baseline {
  abstract readonly name: string;
  readonly #standard: (tick: Tick) => Float64Array;
  readonly #reference: readonly Float64Array[];
  readonly #counts = Array.from({ length: baseCount }, () => new Float64Array(bins));
  readonly #window: Int8Array[] = [];

  constructor(profile: ReferenceProfile, reference: readonly Tick[]) {
    this.#standard = standardiser(profile);
    this.#reference = Array.from({ length: baseCount }, () => new Float64Array(bins));
    for (const tick of reference) {
      for (const [i, bin] of this.#binsOf(tick).entries()) if (bin >= 0) this.#reference[i]![bin]!++;
    }
  }

  protected abstract statistic(counts: Float64Array, reference: Float64Array): number;

  add(tick: Tick): number {
    const now = this.#binsOf(tick);
    this.#window.push(now);
    for (const [i, bin] of now.entries()) if (bin >= 0) this.#counts[i]![bin]!++;
    if (this.#window.length > windowSeconds) {
      for (const [i, bin] of this.#window.shift()!.entries()) if (bin >= 0) this.#counts[i]![bin]!--;
    }
    if (this.#window.length < windowSeconds) return 0;
    let largest = 0;
    for (let i = 0; i < baseCount; i++) {
      const value = this.statistic(this.#counts[i]!, this.#reference[i]!);
      if (value > largest) largest = value;
    }
    return largest;
  }

  #binsOf(tick: Tick): Int8Array {
    const standard = this.#standard(tick);
    return Int8Array.from({ length: baseCount }, (_, i) => {
      const value = standard[i]!;
      if (Number.isNaN(value)) return -1;
      return Math.min(bins - 1, Math.max(0, Math.floor(((value - low) / (high - low)) * bins)));
    });
  }
}

/** The largest distance; Bonferroni only sets the threshold, which is tuned here anyway. */
class KolmogorovSmirnov extends Windowed {
  readonly name = 'KS, 60 s window, Bonferroni';
  protected statistic(counts: Float64Array, reference: Float64Array): number {
    return ksDistance(counts, reference);
  }
}

class StabilityIndex extends Windowed {
  readonly name = 'PSI, 60 s window';
  protected statistic(counts: Float64Array, reference: Float64Array): number {
    return psi(counts, reference);
  }
}

class PageHinkleyOfAll implements Baseline {
  readonly name = 'Page-Hinkley';
  readonly #standard: (tick: Tick) => Float64Array;
  readonly #tests = Array.from({ length: baseCount }, () => new PageHinkley(0.5, 50, 0.9999));

  constructor(profile: ReferenceProfile) {
    this.#standard = standardiser(profile);
  }

  add(tick: Tick): number {
    let largest = 0;
    for (const [i, value] of this.#standard(tick).entries()) {
      if (i >= baseCount || Number.isNaN(value)) continue;
      largest = Math.max(largest, this.#tests[i]!.add(value));
    }
    return largest;
  }
}

/** Answers 1 when the window of any signal was cut; its threshold is its confidence. */
class AdwinOfAll implements Baseline {
  readonly name: string;
  readonly #standard: (tick: Tick) => Float64Array;
  readonly #tests: readonly Adwin[];

  constructor(profile: ReferenceProfile, delta: number) {
    this.name = `ADWIN, delta ${delta}`;
    this.#standard = standardiser(profile);
    this.#tests = Array.from({ length: baseCount }, () => new Adwin(delta, 8, 14));
  }

  add(tick: Tick): number {
    let cut = 0;
    for (const [i, value] of this.#standard(tick).entries()) {
      if (i >= baseCount || Number.isNaN(value)) continue;
      if (this.#tests[i]!.add(value)) cut = 1;
    }
    return cut;
  }
}

export const baselines = {
  ks: (profile: ReferenceProfile, reference: readonly Tick[]): Baseline =>
    new KolmogorovSmirnov(profile, reference),
  psi: (profile: ReferenceProfile, reference: readonly Tick[]): Baseline =>
    new StabilityIndex(profile, reference),
  pageHinkley: (profile: ReferenceProfile): Baseline => new PageHinkleyOfAll(profile),
  adwin: (profile: ReferenceProfile, delta: number): Baseline => new AdwinOfAll(profile, delta),
};

/** Second of the first alarm after `from`, or undefined. */
export function firstAlarm(
  baseline: Baseline,
  ticks: readonly Tick[],
  threshold: number,
  from: number,
): number | undefined {
  for (const [second, tick] of ticks.entries()) {
    if (baseline.add(tick) > threshold && second >= from) return second;
  }
  return undefined;
}
