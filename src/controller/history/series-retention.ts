import type { Change } from '../store/store.ts';
import type { SeriesTable } from './series.ts';

/** A device, as far as its catalogues go: a catalogue gives the series of each alias of a session. */
export interface CatalogueOwner {
  readonly id: string;
  readonly online: boolean;
  readonly lastSeenMs: number | undefined;
  catalogues(): readonly ReadonlyMap<number, number>[];
  dropCatalogues(): void;
}

/**
 * Which series and catalogues nobody needs any more. A series is needed while a device that was seen lately names it in
 * a catalogue, and as long after that as its oldest roll-ups are kept: a name that is gone would leave them nameless.
 */
export class SeriesRetention {
  /** Last time that a catalogue named a series, of those that one named since the controller started. */
  readonly #named = new Map<number, number>();
  /** The same of those that none names now; the database has it too. */
  readonly #unused: Map<number, number>;

  constructor(unused: readonly (readonly [series: number, lastMs: number])[]) {
    this.#unused = new Map(unused);
  }

  /** Forgets in memory what is too old, and gives what the database is to forget. */
  dropUnused(
    devices: Iterable<CatalogueOwner>,
    series: SeriesTable,
    nowMs: number,
    keptMs: number,
  ): Change[] {
    const oldestMs = nowMs - keptMs;
    const { changes, now } = this.#readCatalogues(devices, nowMs, oldestMs);
    const dropped: number[] = [];
    const fresh: [number, number][] = [];
    for (const id of series.ids()) {
      if (now.has(id)) this.#unused.delete(id);
      const lastMs = this.#unused.get(id) ?? this.#named.get(id) ?? nowMs;
      if (lastMs < oldestMs) dropped.push(id);
      else if (!now.has(id) && !this.#unused.has(id)) {
        this.#unused.set(id, lastMs);
        fresh.push([id, lastMs]);
      }
    }
    for (const id of dropped) {
      this.#named.delete(id);
      this.#unused.delete(id);
      series.drop(id);
    }
    if (fresh.length > 0) changes.push({ kind: 'series-used', uses: fresh });
    if (dropped.length > 0) changes.push({ kind: 'series-dropped', ids: dropped });
    return changes;
  }

  /** `now`: series that a device names which was not away for too long. */
  #readCatalogues(
    devices: Iterable<CatalogueOwner>,
    nowMs: number,
    oldestMs: number,
  ): { readonly changes: Change[]; readonly now: ReadonlySet<number> } {
    const changes: Change[] = [];
    const now = new Set<number>();
    for (const device of devices) {
      const seenMs = device.online ? nowMs : (device.lastSeenMs ?? nowMs);
      const catalogues = device.catalogues();
      for (const aliases of catalogues)
        for (const id of aliases.values()) {
          if (seenMs >= oldestMs) now.add(id);
          this.#named.set(id, Math.max(this.#named.get(id) ?? 0, seenMs));
        }
      if (catalogues.length === 0 || seenMs >= oldestMs) continue;
      device.dropCatalogues();
      changes.push({ kind: 'catalogues-dropped', device: device.id });
    }
    return { changes, now };
  }
}
