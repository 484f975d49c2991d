import { total } from './total.ts';

/** Counts of new objects of one second, by slot of the mix. */
type MixCounts = ArrayLike<number>;

/** What an expert holds: so much of what used to be one class is now another. */
const movedShares = [0.25, 0.5];
/** Nats beyond which an expert is no surer: what was learned in a long shift must be forgotten in a short time. */
const surest = 12;

interface Expert {
  readonly from: number;
  readonly to: number;
  readonly moved: number;
}

/**
 * Evidence that the mix of new objects has changed, in nats. Every object counts once. Experts hold a shift each, from one
 * slot of the mix to another, and are weighed by how well they foresaw the objects since the evidence last stood at zero;
 * a second's evidence is the log of how likely all of them together thought its objects, over how likely the usual mix does.
 * A mixture costs the log of the number of experts once (Robbins 1970), an estimate of the shift costs every object until it
 * is one; in a stream with the usual mix the mean of e to the evidence is one, so h nats more come e^h times as seldom.
 */
export class MixEvidence {
  readonly #experts: readonly Expert[];
  /** Log of every expert's weight; their mean weight is e to the evidence since it last stood at zero. */
  readonly #logs: Float64Array;
  readonly #dispersion: number;

  /** The last slot is that of all rare classes: it has nothing to give. `dispersion`: see `mixDispersion`. */
  constructor(slots: number, dispersion: number) {
    const pairs = Array.from({ length: (slots - 1) * slots }, (_, k) => ({
      from: Math.floor(k / slots),
      to: k % slots,
    }));
    this.#experts = movedShares.flatMap((moved) =>
      pairs.filter(({ from, to }) => from !== to).map((pair) => ({ ...pair, moved })),
    );
    this.#logs = new Float64Array(this.#experts.length);
    this.#dispersion = dispersion;
  }

  /** `shares`: of the usual mix. NaN for a second without new objects: it says nothing. */
  add(counts: MixCounts, shares: ArrayLike<number>): number {
    if (total(counts) === 0) return Number.NaN;
    const before = logMean(this.#logs);
    for (const [i, { from, to, moved }] of this.#experts.entries()) {
      const gain = Math.log1p((moved * shares[from]!) / shares[to]!);
      const says = counts[from]! * Math.log1p(-moved) + counts[to]! * gain;
      // Objects in groups are less evidence than as many single ones.
      this.#logs[i]! += says / this.#dispersion;
    }
    const now = logMean(this.#logs);
    if (now <= 0) this.reset();
    const over = Math.max(0, now - surest);
    for (let i = 0; i < this.#logs.length; i++) this.#logs[i] = Math.max(-surest, this.#logs[i]! - over);
    return now - before;
  }

  reset(): void {
    this.#logs.fill(0);
  }
}

/**
 * How much further the mix of a minute strays than that of as many independent objects would: variance over that of a
 * multinomial, all slots together; never below one. Objects come in groups and a track breaks in two.
 */
export function mixDispersion(
  minutes: readonly { readonly counts: MixCounts; readonly expected: MixCounts }[],
): number {
  let strayed = 0;
  let usual = 0;
  for (const { counts, expected } of minutes) {
    const n = total(counts);
    for (let i = 0; i < counts.length; i++) {
      strayed += (counts[i]! - expected[i]!) ** 2;
      if (n > 0) usual += expected[i]! * (1 - expected[i]! / n);
    }
  }
  return usual > 0 ? Math.max(1, strayed / usual) : 1;
}

function logMean(logs: Float64Array): number {
  const most = logs.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  let sum = 0;
  for (const log of logs) sum += Math.exp(log - most);
  return most + Math.log(sum / logs.length);
}
