import { thumbnailCells as cells } from '../../perception/index.ts';
import { gradients } from '../picture/structure.ts';
import type { LiveView } from '../picture/view.ts';
import type { ViewReference } from '../picture/view-reference.ts';
import type { Random } from '../random.ts';
import type { Tick, TickReference } from '../signals/assembler.ts';
import { baseCount } from '../signals/catalogue.ts';
import type { OutputCounts } from '../signals/output-counts.ts';
import type { SeenObjects } from '../signals/tracked-objects.ts';

import { type Block, blockTicks } from './block.ts';
import { UsualMinutes } from './usual-minutes.ts';

/** What was learned of one time of day, as it is kept over a restart: whole minutes alone. */
export interface BucketState {
  readonly ticks: number;
  readonly viewed: number;
  /** While the place is looked at: sums, squares and details of its cells. */
  readonly view: readonly [Float64Array, Float64Array, Float64Array] | undefined;
  /** After that. */
  readonly reference: Pick<TickReference, 'view' | 'output'> | undefined;
  readonly blocksSeen: number;
  /** As the sample holds them, which is not their order in time. */
  readonly blocks: readonly Block[];
  /** See `UsualMinutes`. */
  readonly minutes: ArrayLike<number>;
}

/** How the place looks, of the sums over so many seconds. */
export function referenceOf(
  [sums, squares, details]: NonNullable<BucketState['view']>,
  seconds: number,
): ViewReference {
  return {
    grey: Uint8Array.from(sums, (sum) => Math.round(sum / seconds)),
    spread: Uint8Array.from(squares, (sum, i) =>
      Math.min(255, Math.ceil(Math.sqrt(Math.max(0, sum / seconds - (sums[i]! / seconds) ** 2)))),
    ),
    detail: Uint8Array.from(details, (sum) => Math.round(sum / seconds)),
  };
}

/** Blocks in front that are no part of the sample. */
const edges = 2;

/**
 * Learns one time of day in two phases: first how the place looks and what is found there, then how far every second
 * is from that. Memory is bounded: of the blocks a uniform sample is kept (reservoir, Vitter 1985).
 */
export class BucketLearner {
  readonly #viewTicks: number;
  readonly #maxBlocks: number;
  readonly #random: Random;
  #sums: Float64Array | undefined = new Float64Array(cells);
  #squares: Float64Array | undefined = new Float64Array(cells);
  #details: Float64Array | undefined = new Float64Array(cells);
  #viewed = 0;
  #current = new Float32Array(blockTicks * baseCount);
  #embeddings: (Float64Array | undefined)[] = [];
  #objects: SeenObjects[] = [];
  #filled = 0;
  #blocksSeen = 0;
  #latest: Block | undefined;
  /** A reservoir: the place of a block says nothing of its time, but that the edges are in front. */
  readonly #sample: Block[] = [];
  #minutes = new UsualMinutes();
  /** Of both phases. */
  ticks = 0;
  reference: TickReference | undefined;

  constructor(viewTicks: number, maxBlocks: number, random: Random) {
    this.#viewTicks = viewTicks;
    this.#maxBlocks = maxBlocks;
    this.#random = random;
  }

  /** The minutes that are kept, as they followed each other. */
  get blocks(): readonly Block[] {
    return [...this.#sample].sort((a, b) => a.minute - b.minute);
  }

  get blockCount(): number {
    return this.#sample.length;
  }

  /** Of all minutes, also those that are not among the blocks. */
  get minutes(): UsualMinutes {
    return this.#minutes;
  }

  /** How many there were. */
  get minuteCount(): number {
    return this.#blocksSeen;
  }

  /** Shares its arrays with the learner: what is made of it is made at once. */
  state(): BucketState {
    const view = this.#sums && ([this.#sums, this.#squares!, this.#details!] as const);
    return {
      ticks: this.ticks,
      viewed: this.#viewed,
      view,
      reference: this.reference,
      blocksSeen: this.#blocksSeen,
      blocks: this.#sample,
      minutes: this.#minutes.state(),
    };
  }

  /** Takes the arrays of the state over. A fresh learner becomes the one that the state was taken from. */
  resume({ ticks, viewed, view, reference, blocksSeen, blocks, minutes }: BucketState): void {
    this.ticks = ticks;
    this.#viewed = viewed;
    [this.#sums, this.#squares, this.#details] = view ?? [undefined, undefined, undefined];
    this.reference = reference && { ...reference, gradients: gradients(reference.view.grey) };
    this.#blocksSeen = blocksSeen;
    this.#sample.push(...blocks);
    this.#minutes = UsualMinutes.resume(minutes);
    // Every block beyond the first ones drew one number: the sample goes on as if there had been no restart.
    for (let drawn = this.#maxBlocks; drawn < blocksSeen; drawn++) this.#random.next();
  }

  learn(tick: Tick, view: LiveView, counts: OutputCounts): void {
    this.ticks++;
    if (this.reference === undefined) this.#learnView(view, counts);
    else this.#learnBlock(tick);
  }

  /**
   * The next time of day has begun. Where light and traffic turn, a time of day is at its furthest when it begins and when it
   * ends, and a sample may hold neither: its first and its latest last minute stay in it, in front.
   */
  endOfTime(): void {
    if (this.#latest !== undefined && this.#sample.length > edges) this.#sample[1] = this.#latest;
    this.interrupt();
  }

  /** The stream was interrupted: what follows is not a neighbour of what was. */
  interrupt(): void {
    this.#filled = 0;
    this.#embeddings = [];
    this.#objects = [];
  }

  #learnView(view: LiveView, counts: OutputCounts): void {
    for (let i = 0; i < cells; i++) {
      const value = view.grey[i]!;
      this.#sums![i]! += value;
      this.#squares![i]! += value * value;
      this.#details![i]! += view.detail[i]!;
    }
    this.#viewed++;
    if (this.#viewed < this.#viewTicks) return;
    const seen = referenceOf([this.#sums!, this.#squares!, this.#details!], this.#viewed);
    this.reference = { view: seen, gradients: gradients(seen.grey), output: counts.reference() };
    this.#sums = undefined;
    this.#squares = undefined;
    this.#details = undefined;
  }

  #learnBlock(tick: Tick): void {
    this.#current.set(tick.vector.subarray(0, baseCount), this.#filled * baseCount);
    this.#embeddings.push(tick.embedding?.projected);
    this.#objects.push(tick.objects);
    this.#filled++;
    if (this.#filled < blockTicks) return;
    const block: Block = {
      ...{ minute: this.#blocksSeen, base: this.#current },
      ...{ embeddings: this.#embeddings, objects: this.#objects },
    };
    this.#blocksSeen++;
    this.#minutes.add(block);
    this.#latest = block;
    if (this.#sample.length < this.#maxBlocks) this.#sample.push(block);
    else {
      const place = this.#random.below(this.#blocksSeen);
      if (place < this.#maxBlocks && place >= edges) this.#sample[place] = block;
    }
    this.#current = new Float32Array(blockTicks * baseCount);
    this.interrupt();
  }
}
