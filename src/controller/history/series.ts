import type { CatalogueEntry } from '../../protocol/index.ts';
import type { SeriesRow } from '../store/rows.ts';

/**
 * Gives every metric of the fleet its number. The controller alone gives numbers, so that a birth is understood at once;
 * new ones go to the database with the first commit that uses them.
 */
export class SeriesTable {
  readonly #limit: number;
  readonly #byKey = new Map<string, SeriesRow>();
  readonly #byId = new Map<number, SeriesRow>();
  #unsaved: SeriesRow[] = [];
  #nextId = 1;

  /** `limit`: a device that makes up ever new labels must not fill memory and disk of the fleet. */
  constructor(limit = 100_000) {
    this.#limit = limit;
  }

  load(rows: readonly SeriesRow[]): void {
    for (const row of rows) this.#put(row);
  }

  /** Undefined when the fleet has too many series already. */
  intern(entry: Omit<CatalogueEntry, 'alias'>): number | undefined {
    const labels = Object.fromEntries(
      Object.entries(entry.labels ?? {}).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)),
    );
    const key = keyOf(entry.name, labels, entry.unit, entry.kind);
    const known = this.#byKey.get(key);
    if (known !== undefined) return known.id;
    if (this.#byId.size >= this.#limit) return undefined;
    const row: SeriesRow = { id: this.#nextId, name: entry.name, labels, unit: entry.unit, kind: entry.kind };
    this.#put(row);
    this.#unsaved.push(row);
    return row.id;
  }

  get(id: number): SeriesRow | undefined {
    return this.#byId.get(id);
  }

  ids(): readonly number[] {
    return [...this.#byId.keys()];
  }

  /** Its number is not given again before the next start; the database must forget it too. */
  drop(id: number): void {
    const row = this.#byId.get(id);
    if (row === undefined) return;
    this.#byId.delete(id);
    this.#byKey.delete(keyOf(row.name, row.labels, row.unit, row.kind));
    this.#unsaved = this.#unsaved.filter((other) => other !== row);
  }

  /** Rows that are in no database yet; call `saved` with them after the commit. */
  unsaved(): readonly SeriesRow[] {
    return [...this.#unsaved];
  }

  saved(rows: readonly SeriesRow[]): void {
    const done = new Set(rows);
    this.#unsaved = this.#unsaved.filter((row) => !done.has(row));
  }

  #put(row: SeriesRow): void {
    this.#byKey.set(keyOf(row.name, row.labels, row.unit, row.kind), row);
    this.#byId.set(row.id, row);
    this.#nextId = Math.max(this.#nextId, row.id + 1);
  }
}

function keyOf(name: string, labels: Readonly<Record<string, string>>, unit: string, kind: string): string {
  return JSON.stringify([name, unit, kind, Object.entries(labels)]);
}
