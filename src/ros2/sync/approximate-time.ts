/** Something with the time at which it was taken. */
export interface Stamped {
  readonly stampNs: bigint;
}

export interface ApproximateTimeOptions {
  readonly sources: readonly string[];
  /** Of one set, the newest stamp and the oldest differ by so much at most. */
  readonly slopNs: bigint;
  /** Items of one source that wait; the oldest gives way. */
  readonly queue: number;
}

/**
 * Sets of one item of each source that were taken at about the same time, as message_filters makes them: of what waits, the
 * one that is nearest to the source that is last.
 *
 * INVARIANTS
 * - No item is in two sets, and of each source the stamps of the sets grow.
 * - A set spans no more than the slop, and no source has more than `queue` items waiting.
 * - An item that is not newer than the one before of its source is left out, and counted, unless it is more than a second
 *   older: then its source began anew, and what waits of it is forgotten.
 */
export class ApproximateTime<Item extends Stamped> {
  readonly #options: ApproximateTimeOptions;
  readonly #queues: Map<string, Item[]>;
  readonly #latest = new Map<string, bigint>();
  #leftOut = 0;

  constructor(options: ApproximateTimeOptions) {
    this.#options = options;
    this.#queues = new Map(options.sources.map((source) => [source, []]));
  }

  /** Items that became part of no set. */
  get leftOut(): number {
    return this.#leftOut;
  }

  /** Sets that are complete now, the oldest first. */
  add(source: string, item: Item): ReadonlyMap<string, Item>[] {
    const queue = this.#queues.get(source);
    if (queue === undefined) return [];
    const latest = this.#latest.get(source);
    if (latest !== undefined && item.stampNs <= latest) {
      if (latest - item.stampNs <= restartNs) {
        this.#leftOut += 1;
        return [];
      }
      this.#leftOut += queue.splice(0).length;
    }
    this.#latest.set(source, item.stampNs);
    queue.push(item);
    if (queue.length > this.#options.queue) this.#drop(queue);
    return this.#complete();
  }

  #complete(): ReadonlyMap<string, Item>[] {
    const sets: ReadonlyMap<string, Item>[] = [];
    const queues = [...this.#queues.values()];
    while (queues.every((queue) => queue.length > 0)) {
      const heads = queues.map((queue) => queue[0]!.stampNs);
      const [oldest = 0n, newest = oldest] = ends(heads);
      const behind = queues.find((queue) => isNearer(queue[1], queue[0]!, newest));
      // What comes of the newest one's source is newer still: it is too far from the oldest for ever.
      const hopeless = newest - oldest > this.#options.slopNs;
      const drop = behind ?? (hopeless ? queues[heads.indexOf(oldest)] : undefined);
      if (drop !== undefined) this.#drop(drop);
      else sets.push(new Map([...this.#queues].map(([source, queue]) => [source, queue.shift()!])));
    }
    return sets;
  }

  #drop(queue: Item[]): void {
    queue.shift();
    this.#leftOut += 1;
  }
}

function ends(stamps: readonly bigint[]): bigint[] {
  const sorted = [...stamps].sort((a, b) => (a < b ? -1 : 1));
  return [sorted.at(0)!, sorted.at(-1)!];
}

const restartNs = 1_000_000_000n;

function isNearer(next: Stamped | undefined, head: Stamped, toNs: bigint): boolean {
  return next !== undefined && distance(next.stampNs, toNs) < distance(head.stampNs, toNs);
}

function distance(a: bigint, b: bigint): bigint {
  return a > b ? a - b : b - a;
}
