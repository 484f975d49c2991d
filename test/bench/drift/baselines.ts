import { ksDistance } from '../../../src/drift/detectors/kolmogorov-smirnov.ts';
import type { ReferenceProfile } from '../../../src/drift/index.ts';
import { LoadedProfile, standardise } from '../../../src/drift/profile/loaded.ts';
import type { Tick } from '../../../src/drift/signals/assembler.ts';
import { baseCount, signalCount } from '../../../src/drift/signals/catalogue.ts';
import { Adwin } from './detectors/adwin.ts';
import { PageHinkley } from './detectors/page-hinkley.ts';
import { psi } from './detectors/psi.ts';

/** A published detector on every base signal: gives one number per signal and second, alarms above a threshold. */
export interface Baseline {
  readonly name: string;
  /** The same array again and again. */
  add(tick: Tick): Float64Array;
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
  readonly #out = new Float64Array(baseCount);

  constructor(profile: ReferenceProfile, reference: readonly Tick[]) {
    this.#standard = standardiser(profile);
    this.#reference = Array.from({ length: baseCount }, () => new Float64Array(bins));
    for (const tick of reference) {
      for (const [i, bin] of this.#binsOf(tick).entries()) if (bin >= 0) this.#reference[i]![bin]!++;
    }
  }

  protected abstract statistic(counts: Float64Array, reference: Float64Array): number;

  add(tick: Tick): Float64Array {
    const now = this.#binsOf(tick);
    this.#window.push(now);
    for (const [i, bin] of now.entries()) if (bin >= 0) this.#counts[i]![bin]!++;
    if (this.#window.length > windowSeconds) {
      for (const [i, bin] of this.#window.shift()!.entries()) if (bin >= 0) this.#counts[i]![bin]!--;
    }
    if (this.#window.length < windowSeconds) return this.#out.fill(0);
    for (let i = 0; i < baseCount; i++)
      this.#out[i] = this.statistic(this.#counts[i]!, this.#reference[i]!) || 0;
    return this.#out;
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

/** Bonferroni only sets the threshold, which is tuned here anyway. */
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
  readonly #out = new Float64Array(baseCount);

  constructor(profile: ReferenceProfile) {
    this.#standard = standardiser(profile);
  }

  add(tick: Tick): Float64Array {
    for (const [i, value] of this.#standard(tick).entries()) {
      if (i < baseCount && !Number.isNaN(value)) this.#out[i] = this.#tests[i]!.add(value);
    }
    return this.#out;
  }
}

/** Answers 1 when the window of a signal was cut; its threshold is its confidence. */
class AdwinOfAll implements Baseline {
  readonly name = 'ADWIN';
  readonly #standard: (tick: Tick) => Float64Array;
  readonly #tests: readonly Adwin[];
  readonly #out = new Float64Array(baseCount);

  constructor(profile: ReferenceProfile, deltas: readonly number[]) {
    this.#standard = standardiser(profile);
    this.#tests = deltas.map((delta) => new Adwin(delta, 8, 14));
  }

  add(tick: Tick): Float64Array {
    this.#out.fill(0);
    for (const [i, value] of this.#standard(tick).entries()) {
      if (i < baseCount && !Number.isNaN(value) && this.#tests[i]!.add(value)) this.#out[i] = 1;
    }
    return this.#out;
  }
}

export const baselines = {
  ks: (profile: ReferenceProfile, reference: readonly Tick[]): Baseline =>
    new KolmogorovSmirnov(profile, reference),
  psi: (profile: ReferenceProfile, reference: readonly Tick[]): Baseline =>
    new StabilityIndex(profile, reference),
  pageHinkley: (profile: ReferenceProfile): Baseline => new PageHinkleyOfAll(profile),
  /** One confidence per signal. */
  adwin: (profile: ReferenceProfile, deltas: readonly number[]): Baseline => new AdwinOfAll(profile, deltas),
};
