import { MixEvidence, mixFactor } from '../detectors/mix-evidence.ts';

/** New objects of one second by class. */
export type ObjectCounts = ReadonlyMap<string, number>;

/** The usual mix of classes of new objects. */
export interface MixProfile {
  /** Most frequent first; the rest shares the last slot. */
  readonly labels: readonly string[];
  /** See `mixFactor`. */
  readonly factor: readonly number[];
}

const maxLabels = 7;
/** A class of its own has at least this share of the objects: every slot more costs evidence. */
const leastShare = 0.02;
/** Objects from which a mix is learned at least. */
const leastObjects = 60;
/** Added to every share, so that what was hardly ever seen counts for much and not for all. */
const shareFloor = 0.005;

export interface LearnedMix extends MixProfile {
  /** Shares of the slots, one array per time of day. */
  readonly shares: readonly (readonly number[])[];
}

/** `minutes[bucket][block][second]`. Undefined where too few objects came, or no tracker runs. */
export function learnMix(minutes: readonly (readonly (readonly ObjectCounts[])[])[]): LearnedMix | undefined {
  const totals = new Map<string, number>();
  for (const counts of minutes.flat(2))
    for (const [label, count] of counts) totals.set(label, (totals.get(label) ?? 0) + count);
  const objects = [...totals.values()].reduce((sum, count) => sum + count, 0);
  if (objects < leastObjects) return undefined;
  const labels = [...totals]
    .filter(([, count]) => count >= leastShare * objects)
    .sort((a, b) => b[1] - a[1])
    .slice(0, maxLabels)
    .map(([label]) => label);
  const all = sharesOf(sumOf(minutes.flat(2), labels));
  const shares = minutes.map((blocks) => {
    const sum = sumOf(blocks.flat(), labels);
    // A time of day with few objects leans on the others.
    return sharesOf(sum.map((count, i) => count + leastObjects * all[i]!));
  });
  const strayed = minutes.flatMap((blocks, bucket) =>
    blocks.map((seconds) => ({ counts: sumOf(seconds, labels), shares: shares[bucket]! })),
  );
  return { labels, shares, factor: [...mixFactor(strayed)] };
}

/** Turns the new objects of a second into evidence that their mix has changed. */
export class MixJudge {
  readonly #labels: readonly string[];
  readonly #evidence: MixEvidence;

  constructor({ labels, factor }: MixProfile) {
    this.#labels = labels;
    this.#evidence = new MixEvidence(labels.length, factor);
  }

  /** Nats; NaN where nothing new came. */
  add(counts: ObjectCounts, shares: ArrayLike<number>): number {
    return this.#evidence.add(slotsOf(counts, this.#labels), shares);
  }

  reset(): void {
    this.#evidence.reset();
  }
}

function slotsOf(counts: ObjectCounts, labels: readonly string[]): number[] {
  const slots = new Array<number>(labels.length + 1).fill(0);
  for (const [label, count] of counts) {
    const place = labels.indexOf(label);
    slots[place < 0 ? labels.length : place]! += count;
  }
  return slots;
}

function sumOf(seconds: readonly ObjectCounts[], labels: readonly string[]): number[] {
  const sum = new Array<number>(labels.length + 1).fill(0);
  for (const counts of seconds) for (const [i, count] of slotsOf(counts, labels).entries()) sum[i]! += count;
  return sum;
}

function sharesOf(counts: readonly number[]): number[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.map((count) =>
    Number(((count / total + shareFloor) / (1 + shareFloor * counts.length)).toPrecision(6)),
  );
}
