import { LimitError } from '../../src/base/index.ts';
import type { OpenedStore, OutboxStore, StoredEntry, Thinning } from '../../src/telemetry/index.ts';

/** A disk in memory: survives `restart`, can be full, can hold its breath. */
export class FakeOutboxStore implements OutboxStore {
  readonly disk = new Map<number, StoredEntry>();
  nextEntry = 0;
  full = false;
  damage: string | undefined;
  closed = false;
  /** Set to let appends wait until the test resolves it. */
  gate: Promise<void> | undefined;

  async open(): Promise<OpenedStore> {
    this.closed = false;
    const entries = [...this.disk.values()].sort((a, b) => a.entry - b.entry);
    return {
      nextEntry: this.nextEntry,
      entries: entries.map(({ payload: _, ...info }) => info),
      ...(this.damage === undefined ? {} : { damage: this.damage }),
    };
  }

  async append(entry: StoredEntry, thinning?: Thinning): Promise<void> {
    await this.gate;
    if (this.full) throw new LimitError('outbox-disk', 'The disk is full.', 'Make room.');
    this.disk.set(entry.entry, entry);
    this.nextEntry = Math.max(this.nextEntry, entry.entry + 1);
    for (const gone of thinning?.remove ?? []) this.disk.delete(gone);
    for (const { entry: kept, thinned } of thinning?.thinned ?? []) {
      const stored = this.disk.get(kept);
      if (stored !== undefined) this.disk.set(kept, { ...stored, thinned });
    }
  }

  async read(entry: number): Promise<Uint8Array | undefined> {
    return this.disk.get(entry)?.payload;
  }

  async remove(entries: readonly number[]): Promise<void> {
    for (const entry of entries) this.disk.delete(entry);
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}
