import type { Transform } from '../messages/transforms.ts';
import { between } from './transform-math.ts';

/** A frame in its parent at a time. */
export interface FrameSample extends Transform {
  readonly stampNs: bigint;
  readonly parent: string;
}

/** A stamp that lies before or after all that is known, by so much. */
export interface OutsideHistory {
  readonly side: 'past' | 'future';
  readonly byNs: bigint;
}

/** What tf2::BufferCore keeps. */
export const keptNs = 10_000_000_000n;
/** A frame that sends only stamps that are too old has a clock that restarted, which tf2 does not detect. */
const oldOnesInARow = 100;
/** Of a frame that somebody took in hand the parent changes twice; who changes it so often has two of them. */
const tornByChanges = 6;

/** Where a frame that moves was in the last ten seconds. */
export class FrameHistory {
  /** The oldest one first, no two of one stamp. */
  #samples: FrameSample[] = [];
  #oldOnes = 0;
  #changesNs: bigint[] = [];
  /** The stamp of the first one since `restart`. */
  #sinceNs: bigint | undefined;

  get size(): number {
    return this.#samples.length;
  }

  get newestNs(): bigint {
    return this.#samples.at(-1)?.stampNs ?? 0n;
  }

  /** By how much its own stamps went on since `restart`; undefined where nothing was told since. */
  get wentOnNs(): bigint | undefined {
    return this.#sinceNs === undefined ? undefined : this.newestNs - this.#sinceNs;
  }

  get parent(): string | undefined {
    return this.#samples.at(-1)?.parent;
  }

  /** Its parent goes to and fro. */
  get torn(): boolean {
    return this.#changesNs.length >= tornByChanges;
  }

  /** False for one that is too old: as tf2 has it, ten seconds before the newest one. */
  add(sample: FrameSample, limit: number): boolean {
    const newest = this.#samples.at(-1);
    if (newest !== undefined && sample.stampNs < newest.stampNs - keptNs) {
      this.#oldOnes += 1;
      if (this.#oldOnes < oldOnesInARow) return false;
      this.clear();
    }
    this.#oldOnes = 0;
    if (newest !== undefined && newest.parent !== sample.parent) this.#changesNs.push(sample.stampNs);
    this.#insert(sample);
    // A jump is no progress.
    const jumped = newest !== undefined && sample.stampNs > newest.stampNs + keptNs;
    if (jumped || this.#sinceNs === undefined) this.#sinceNs = sample.stampNs;
    this.trim(limit);
    return true;
  }

  /** Gives up what is older than ten seconds, and the oldest ones above the limit. */
  trim(limit: number): void {
    const samples = this.#samples;
    const oldest = (samples.at(-1)?.stampNs ?? 0n) - keptNs;
    let first = Math.max(0, samples.length - limit);
    while (first < samples.length && samples[first]!.stampNs < oldest) first += 1;
    if (first > 0) samples.splice(0, first);
    this.#changesNs = this.#changesNs.slice(-tornByChanges).filter((stampNs) => stampNs >= oldest);
  }

  restart(): void {
    this.#sinceNs = undefined;
  }

  clear(): void {
    this.#samples = [];
    this.#sinceNs = undefined;
    this.#changesNs = [];
    this.#oldOnes = 0;
  }

  /**
   * At a stamp: between the two around it; of two with different parents the older one. After the newest one that one, for at
   * most `toleranceNs`.
   */
  at(stampNs: bigint, toleranceNs: bigint): FrameSample | OutsideHistory {
    const samples = this.#samples;
    const [oldest, newest] = [samples[0], samples.at(-1)];
    if (oldest === undefined || newest === undefined) return { side: 'future', byNs: 0n };
    if (stampNs < oldest.stampNs) return { side: 'past', byNs: oldest.stampNs - stampNs };
    const afterNs = stampNs - newest.stampNs;
    if (afterNs >= 0n) return afterNs <= toleranceNs ? newest : { side: 'future', byNs: afterNs };
    const after = this.#firstAfter(stampNs);
    const [from, to] = [samples[after - 1]!, samples[after]!];
    if (from.parent !== to.parent) return from;
    const ratio = Number(stampNs - from.stampNs) / Number(to.stampNs - from.stampNs);
    return { stampNs, parent: from.parent, ...between(from, to, ratio) };
  }

  #insert(sample: FrameSample): void {
    const after = this.#firstAfter(sample.stampNs);
    const before = this.#samples[after - 1];
    // The last word counts.
    if (before?.stampNs === sample.stampNs) this.#samples[after - 1] = sample;
    else this.#samples.splice(after, 0, sample);
  }

  /** Place of the first one that is newer than a stamp. */
  #firstAfter(stampNs: bigint): number {
    let low = 0;
    let high = this.#samples.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#samples[middle]!.stampNs <= stampNs) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
