import { MixEvidence, mixDispersion } from '../detectors/mix-evidence.ts';
import { total } from '../detectors/total.ts';
import { rounded } from '../rounded.ts';
import { Busyness } from '../signals/busyness.ts';

/** New objects of one second by class. */
type ObjectCounts = ReadonlyMap<string, number>;

/** One minute of learning, second by second. */
export interface MixMinute {
  readonly objects: readonly ObjectCounts[];
  /** The signal `detections`; NaN where nothing is known. */
  readonly detections: ArrayLike<number>;
}

/** The usual mix of classes of new objects. */
interface MixProfile {
  /** Most frequent first; the rest shares the last slot. */
  readonly labels: readonly string[];
  /** Where a busier street begins, rising, in the unit of `detections`: between them lie the levels of busyness. */
  readonly busy: readonly number[];
  /** See `mixDispersion`. */
  readonly dispersion: number;
}

const maxLabels = 7;
/** A class of its own has at least this share of the objects: every slot more costs evidence. */
const leastShare = 0.02;
/**
 * Objects from which a mix is learned at least. A level of busyness with few leans on its other times of day as if so many
 * had been seen, and those on all levels: their shares would be off by more than what is looked for.
 */
const leastObjects = 200;
/** Levels of busyness, with as many objects each. */
const levels = 4;

/** Shares of the slots, one array per level of busyness. */
export type MixShares = readonly (readonly number[])[];

export interface LearnedMix extends MixProfile {
  /** One per time of day. */
  readonly shares: readonly MixShares[];
}

/** A second with new objects. */
interface MixSecond {
  readonly counts: readonly number[];
  readonly busyness: number;
}

/** `minutes[bucket][block]`. Undefined where too few objects came, or no tracker runs. */
export function learnMix(minutes: readonly (readonly MixMinute[])[]): LearnedMix | undefined {
  const totals = new Map<string, number>();
  for (const { objects } of minutes.flat())
    for (const counts of objects)
      for (const [label, count] of counts) totals.set(label, (totals.get(label) ?? 0) + count);
  const seen = [...totals.values()].reduce((sum, count) => sum + count, 0);
  if (seen < leastObjects) return undefined;
  const labels = [...totals]
    .filter(([, count]) => count >= leastShare * seen)
    .sort((a, b) => b[1] - a[1])
    .slice(0, maxLabels)
    .map(([label]) => label);
  const slots = labels.length + 1;
  const seconds = minutes.map((blocks) => blocks.map((minute) => secondsOf(minute, labels)));
  const busy = levelsOf(seconds.flat(2));
  const sums = seconds.map((blocks) => sumsOf(blocks.flat(), busy, slots));
  const perLevel = sumsOf(seconds.flat(2), busy, slots);
  const all = Array.from({ length: slots }, (_, i) => perLevel.reduce((sum, level) => sum + level[i]!, 0));
  const shares = sums.map((time) =>
    time.map((counts, level) => {
      const everywhere = perLevel[level]!;
      const seen = total(counts) + total(everywhere) + leastObjects;
      return oneMoreOfEach(leaning(counts, leaning(everywhere, all)), seen);
    }),
  );
  const strayed = seconds.flatMap((blocks, time) =>
    blocks.map((minute) => {
      const levelSums = sumsOf(minute, busy, slots);
      const counts = Array.from({ length: slots }, (_, i) => levelSums.reduce((sum, l) => sum + l[i]!, 0));
      const expected = counts.map((_, i) =>
        levelSums.reduce((sum, l, level) => sum + total(l) * shares[time]![level]![i]!, 0),
      );
      return { counts, expected };
    }),
  );
  return { labels, busy, shares, dispersion: rounded(mixDispersion(strayed)) };
}

/** Turns the new objects of a second into evidence that their mix is another than is usual in a street as busy as now. */
export class ClassMixTest {
  readonly #mix: MixProfile;
  readonly #evidence: MixEvidence;
  readonly #busyness = new Busyness();

  constructor(mix: MixProfile) {
    this.#mix = mix;
    this.#evidence = new MixEvidence(mix.labels.length + 1, mix.dispersion);
  }

  /** Nats; NaN where nothing new came. `detections`: the signal. */
  add(objects: ObjectCounts, detections: number, shares: MixShares): number {
    const level = levelOf(this.#busyness.add(detections), this.#mix.busy);
    return this.#evidence.add(slotsOf(objects, this.#mix.labels), shares[level]!);
  }

  /** The minute that follows is not a neighbour of the one before: it is as busy as it is on average. */
  begin(detections: ArrayLike<number>): void {
    this.#busyness.begin(detections);
  }

  reset(): void {
    this.#evidence.reset();
    this.#busyness.reset();
  }
}

function secondsOf({ objects, detections }: MixMinute, labels: readonly string[]): MixSecond[] {
  const busyness = new Busyness();
  busyness.begin(detections);
  return objects.map((counts, second) => ({
    counts: slotsOf(counts, labels),
    busyness: busyness.add(detections[second]!),
  }));
}

/** Where every level but the first begins: as many objects in each, fewer levels where the street is always as busy. */
function levelsOf(seconds: readonly MixSecond[]): number[] {
  const perObject = seconds
    .filter(({ busyness }) => !Number.isNaN(busyness))
    .flatMap(({ counts, busyness }) => new Array<number>(total(counts)).fill(busyness))
    .sort((a, b) => a - b);
  const begins = Array.from({ length: levels - 1 }, (_, i) => {
    const value = perObject[Math.floor(((i + 1) * perObject.length) / levels)] ?? Number.NaN;
    const below = perObject.findLast((other) => other < value) ?? Number.NaN;
    return rounded((value + below) / 2);
  });
  return begins.filter((begin, i) => !Number.isNaN(begin) && begin !== begins[i - 1]);
}

/** The quietest where nothing is known of it. */
function levelOf(busyness: number, busy: readonly number[]): number {
  let level = 0;
  while (level < busy.length && busyness >= busy[level]!) level++;
  return level;
}

function slotsOf(objects: ObjectCounts, labels: readonly string[]): number[] {
  const counts = new Array<number>(labels.length + 1).fill(0);
  for (const [label, count] of objects) {
    const place = labels.indexOf(label);
    counts[place < 0 ? labels.length : place]! += count;
  }
  return counts;
}

/** By level of busyness. */
function sumsOf(seconds: readonly MixSecond[], busy: readonly number[], slots: number): number[][] {
  const sums = Array.from({ length: busy.length + 1 }, () => new Array<number>(slots).fill(0));
  for (const { counts, busyness } of seconds) {
    const sum = sums[levelOf(busyness, busy)]!;
    for (const [i, count] of counts.entries()) sum[i]! += count;
  }
  return sums;
}

/** Shares of some counts, as if `leastObjects` more had been seen in those of others. */
function leaning(counts: readonly number[], others: readonly number[]): number[] {
  const [own, all] = [total(counts), total(others)];
  return counts.map((count, i) => (count + (leastObjects * others[i]!) / all) / (own + leastObjects));
}

/** As if one object more of every slot had been seen (Laplace): what never came counts for much, and not for all. */
function oneMoreOfEach(shares: readonly number[], objects: number): number[] {
  return shares.map((share) => rounded((share * objects + 1) / (objects + shares.length)));
}
