interface Lane<T> {
  items: { readonly value: T; readonly size: number }[];
  /** Items before this one were taken. */
  next: number;
  size: number;
  /** What it may still give in this round, and takes over into the next. */
  credit: number;
}

/**
 * Items of many owners in a bounded space, shared so that no owner keeps the others out or waiting.
 *
 * - Room is given by dynamic thresholds (Choudhury and Hahne, 1998): an owner may hold as much as is free. One that floods
 *   ends at half of the space, and whoever comes next always finds some.
 * - Items are taken in rounds (deficit round robin, Shreedhar and Varghese, 1995): in a round every owner gives about the
 *   same size, its own items in their order. The next `take` goes on where the last one ended.
 */
export class FairQueue<T> {
  readonly #capacity: number;
  readonly #quantum: number;
  /** In the order of their turns. */
  readonly #lanes = new Map<string, Lane<T>>();
  #size = 0;

  /** `quantum`: what an owner may give in one round. */
  constructor(capacity: number, quantum: number) {
    this.#capacity = capacity;
    this.#quantum = quantum;
  }

  get size(): number {
    return this.#size;
  }

  /** False when its owner has no room for it; `reserved` of the capacity is taken by others. */
  push(owner: string, value: T, size: number, reserved = 0): boolean {
    let lane = this.#lanes.get(owner);
    const free = this.#capacity - reserved - this.#size;
    if ((lane?.size ?? 0) + size > free) return false;
    if (lane === undefined) {
      lane = { items: [], next: 0, size: 0, credit: 0 };
      this.#lanes.set(owner, lane);
    }
    lane.items.push({ value, size });
    lane.size += size;
    this.#size += size;
    return true;
  }

  /** Removes items until they have this size together, a share of every owner. */
  take(size: number): { readonly values: T[]; readonly size: number } {
    const values: T[] = [];
    let taken = 0;
    // A lane that is put in again comes last, and the loop meets it again.
    for (const [owner, lane] of this.#lanes) {
      if (taken >= size) break;
      lane.credit += this.#quantum;
      const before = lane.size;
      for (let item = lane.items[lane.next]; item !== undefined; item = lane.items[lane.next]) {
        if (item.size > lane.credit) break;
        values.push(item.value);
        lane.credit -= item.size;
        lane.size -= item.size;
        lane.next += 1;
      }
      taken += before - lane.size;
      this.#lanes.delete(owner);
      if (lane.next === lane.items.length) continue;
      if (lane.next > lane.items.length / 2) {
        lane.items = lane.items.slice(lane.next);
        lane.next = 0;
      }
      this.#lanes.set(owner, lane);
    }
    this.#size -= taken;
    return { values, size: taken };
  }

  owners(): readonly string[] {
    return [...this.#lanes.keys()];
  }

  /** How many items are gone with it. */
  forget(owner: string): number {
    const lane = this.#lanes.get(owner);
    if (lane === undefined) return 0;
    this.#size -= lane.size;
    this.#lanes.delete(owner);
    return lane.items.length - lane.next;
  }
}
