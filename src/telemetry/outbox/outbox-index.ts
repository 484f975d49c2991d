import type { EntryInfo, EntryKind, Thinning } from './store.ts';

/** Room for the tables of the store around each payload. */
export const overheadBytes = 64;

export type Admission =
  | { readonly admitted: true; readonly thinning: Thinning; readonly givenUp: number }
  /** No room even without any metrics. */
  | { readonly admitted: false };

/**
 * Which entries are kept when there is not room for all: events before metrics, and of the metrics the old ones are
 * thinned first. Pure bookkeeping; nothing here touches a disk.
 *
 * INVARIANTS
 * - The sum of all sizes never exceeds `maxBytes` after `admit`.
 * - An event leaves only by `remove` (it was acknowledged).
 * - Within a session, every batch given up is counted in the `thinned` of the next batch that is kept.
 */
export class OutboxIndex {
  readonly #maxBytes: number;
  readonly #kinds: Readonly<Record<EntryKind, Map<number, EntryInfo>>> = {
    event: new Map(),
    metrics: new Map(),
  };
  readonly #bytesOf: Record<EntryKind, number> = { event: 0, metrics: 0 };
  /** Batches given up behind which no batch was kept yet. */
  #carry = { session: -1, count: 0 };

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get bytes(): number {
    return this.#bytesOf.event + this.#bytesOf.metrics;
  }

  get size(): number {
    return this.#kinds.event.size + this.#kinds.metrics.size;
  }

  get(entry: number): EntryInfo | undefined {
    return this.#kinds.event.get(entry) ?? this.#kinds.metrics.get(entry);
  }

  /** By rising number. */
  of(kind: EntryKind): Iterable<EntryInfo> {
    return this.#kinds[kind].values();
  }

  /** What the store has: it is kept even when the limit was lowered meanwhile; the next `admit` thins. */
  load(entries: readonly EntryInfo[]): void {
    // What came before a store that opened late has the higher numbers.
    const later = [...this.#kinds.event.values(), ...this.#kinds.metrics.values()];
    for (const { entry } of later) this.remove(entry);
    for (const info of [...entries, ...later]) this.#put(info);
  }

  /** Makes room for an entry and puts it on the index. For metrics the entry may get a `thinned` count: see `get`. */
  admit(info: EntryInfo): Admission {
    const need = info.bytes + overheadBytes;
    if (need > this.#maxBytes - this.#bytesOf.event) {
      if (info.kind === 'metrics') this.#carryOver(info.session, 1 + info.thinned);
      return { admitted: false };
    }
    const thinning = this.#thin(this.#maxBytes - need);
    this.#put(info.kind === 'metrics' ? this.#withCarry(info) : info);
    return { admitted: true, thinning, givenUp: thinning.remove.length };
  }

  remove(entry: number): boolean {
    const info = this.get(entry);
    if (info === undefined) return false;
    this.#kinds[info.kind].delete(entry);
    this.#bytesOf[info.kind] -= info.bytes + overheadBytes;
    return true;
  }

  /** Neither disk nor memory took it: a batch counts as thinned. */
  giveUp(entry: number): void {
    const info = this.get(entry);
    if (info?.kind === 'metrics') this.#carryOver(info.session, 1 + info.thinned);
    this.remove(entry);
  }

  #put(info: EntryInfo): void {
    this.#kinds[info.kind].set(info.entry, info);
    this.#bytesOf[info.kind] += info.bytes + overheadBytes;
  }

  /** Every second batch of the older half goes, as often as needed: resolution is lost before time span. */
  #thin(goal: number): Thinning {
    const remove: number[] = [];
    const thinned = new Map<number, number>();
    while (this.bytes > goal && this.#kinds.metrics.size > 0) {
      const all = [...this.#kinds.metrics.values()];
      const half = Math.ceil(all.length / 2);
      for (let at = 0; at < half; at += 2) {
        const gone = all[at];
        if (gone === undefined) continue;
        this.remove(gone.entry);
        remove.push(gone.entry);
        thinned.delete(gone.entry);
        const next = all[at + 1];
        const given = 1 + gone.thinned;
        if (next === undefined) this.#carryOver(gone.session, given);
        else if (next.session === gone.session) {
          const raised = { ...next, thinned: next.thinned + given };
          all[at + 1] = raised;
          this.#kinds.metrics.set(next.entry, raised);
          thinned.set(next.entry, raised.thinned);
        }
      }
    }
    return { remove, thinned: [...thinned].map(([entry, count]) => ({ entry, thinned: count })) };
  }

  #carryOver(session: number, count: number): void {
    this.#carry = { session, count: count + (this.#carry.session === session ? this.#carry.count : 0) };
  }

  #withCarry(info: EntryInfo): EntryInfo {
    const { session, count } = this.#carry;
    if (session !== info.session || count === 0) return info;
    this.#carry = { session, count: 0 };
    return { ...info, thinned: info.thinned + count };
  }
}
