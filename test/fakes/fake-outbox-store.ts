import { GoshawkError, LimitError } from '../../src/base/index.ts';
import type { OpenedStore, OutboxStore, StoredEntry, Thinning } from '../../src/telemetry/index.ts';

/** A disk in memory: survives a restart, can be full, can be slow. */
export class FakeOutboxStore implements OutboxStore {
  readonly disk = new Map<number, StoredEntry>();
  full = false;
  /** What `open` rejects with. */
  shut: Error | undefined;
  damage: string | undefined;
  closed = true;
  /** Set to let appends wait until the test resolves it. */
  gate: Promise<void> | undefined;
  readonly #maxBytes: number;
  #nextEntry = 0;

  constructor(options: { readonly maxBytes?: number } = {}) {
    this.#maxBytes = options.maxBytes ?? Number.POSITIVE_INFINITY;
  }

  async open(): Promise<OpenedStore> {
    if (this.shut !== undefined) throw this.shut;
    this.closed = false;
    const entries = [...this.disk.values()].sort((a, b) => a.entry - b.entry);
    return {
      nextEntry: this.#nextEntry,
      entries: entries.map(({ payload: _, ...info }) => info),
      ...(this.damage === undefined ? {} : { damage: this.damage }),
    };
  }

  async append(entry: StoredEntry, thinning: Thinning = { remove: [], thinned: [] }): Promise<void> {
    this.#expectOpen();
    if (this.gate !== undefined) await this.gate;
    const gone = new Set(thinning.remove);
    const left = [...this.disk.values()].filter(({ entry: number }) => !gone.has(number));
    const bytes = left.reduce((sum, one) => sum + one.bytes, entry.bytes);
    if (this.full || bytes > this.#maxBytes)
      throw new LimitError('outbox-disk', 'The disk is full.', 'Make room.');
    for (const number of gone) this.disk.delete(number);
    for (const { entry: number, thinned } of thinning.thinned) {
      const stored = this.disk.get(number);
      if (stored !== undefined) this.disk.set(number, { ...stored, thinned });
    }
    this.disk.set(entry.entry, entry);
    this.#nextEntry = Math.max(this.#nextEntry, entry.entry + 1);
  }

  async read(entry: number): Promise<Uint8Array | undefined> {
    this.#expectOpen();
    return this.disk.get(entry)?.payload;
  }

  async remove(entries: readonly number[]): Promise<void> {
    this.#expectOpen();
    for (const entry of entries) this.disk.delete(entry);
  }

  async close(): Promise<void> {
    this.closed = true;
  }

  #expectOpen(): void {
    if (this.closed) throw new GoshawkError('outbox-closed', 'The outbox is not open.', 'Open it first.');
  }
}
