import type { CatalogueEntry, MetricKind } from '../../protocol/index.ts';
import type { SeriesRow } from '../store/rows.ts';

/** Series of a fleet, unless a setting says otherwise: 20,000 devices with 50 each. */
export const defaultSeriesLimit = 1_000_000;
/** Number of an alias whose metric is over a limit: its samples are known to be left out. */
export const noSeries = 0;

/** Labels as many metrics share them; `uses` says how many. */
interface LabelSet {
  readonly key: string;
  readonly labels: Readonly<Record<string, string>>;
  uses: number;
}

/** What a metric is without its labels, and its series by their labels. */
interface Family {
  readonly key: string;
  readonly rows: Map<LabelSet, SeriesRow>;
}

/**
 * Gives every metric of the fleet its number. The controller alone gives numbers, so that a birth is understood at once;
 * new ones go to the database with the first commit that uses them.
 *
 * A fleet has up to millions of them, so that what series have in common, names and sets of labels, is kept once.
 */
export class SeriesTable {
  readonly #limit: number;
  readonly #families = new Map<string, Family>();
  readonly #labelSets = new Map<string, LabelSet>();
  readonly #byId = new Map<number, SeriesRow>();
  readonly #unsaved = new Set<SeriesRow>();
  #nextId = 1;

  /** `limit`: of all devices together. */
  constructor(limit = defaultSeriesLimit) {
    this.#limit = limit;
  }

  get limit(): number {
    return this.#limit;
  }

  get size(): number {
    return this.#byId.size;
  }

  load(rows: readonly SeriesRow[]): void {
    for (const row of rows) this.#put(row, row.id);
  }

  /** The number of a metric that the fleet has already. */
  find(entry: Omit<CatalogueEntry, 'alias'>): number | undefined {
    const labels = this.#labelSets.get(keyOfLabels(sorted(entry.labels)));
    return labels && this.#families.get(keyOfFamily(entry))?.rows.get(labels)?.id;
  }

  /** Undefined when the fleet has too many series already. */
  intern(entry: Omit<CatalogueEntry, 'alias'>): number | undefined {
    const known = this.find(entry);
    if (known !== undefined) return known;
    if (this.#byId.size >= this.#limit) return undefined;
    const row = this.#put({ ...entry, labels: sorted(entry.labels) }, this.#nextId);
    this.#unsaved.add(row);
    return row.id;
  }

  get(id: number): SeriesRow | undefined {
    return this.#byId.get(id);
  }

  /** What devices send under a name: a counter, where it is one on any of them. */
  kindOf(name: string): MetricKind | undefined {
    const kinds = new Set<MetricKind>();
    for (const { rows } of this.#families.values())
      for (const row of rows.values()) {
        if (row.name === name) kinds.add(row.kind);
        break;
      }
    return kinds.has('counter') ? 'counter' : [...kinds][0];
  }

  ids(): readonly number[] {
    return [...this.#byId.keys()];
  }

  /** Its number is not given again before the next start; the database must forget it too. */
  drop(id: number): void {
    const row = this.#byId.get(id);
    if (row === undefined) return;
    this.#byId.delete(id);
    this.#unsaved.delete(row);
    const family = this.#families.get(keyOfFamily(row));
    const labels = this.#labelSets.get(keyOfLabels(row.labels));
    if (family === undefined || labels === undefined) return;
    family.rows.delete(labels);
    if (family.rows.size === 0) this.#families.delete(family.key);
    labels.uses -= 1;
    if (labels.uses === 0) this.#labelSets.delete(labels.key);
  }

  /** Rows that are in no database yet; call `saved` with them after the commit. */
  unsaved(): readonly SeriesRow[] {
    return [...this.#unsaved];
  }

  saved(rows: readonly SeriesRow[]): void {
    for (const row of rows) this.#unsaved.delete(row);
  }

  #put(entry: Omit<SeriesRow, 'id'>, id: number): SeriesRow {
    const family = this.#family(entry);
    const labels = this.#labelSet(entry.labels);
    const [sibling] = family.rows.values();
    const { name, unit, kind } = sibling ?? entry;
    const row: SeriesRow = { id, name, labels: labels.labels, unit, kind };
    if (!family.rows.has(labels)) labels.uses += 1;
    family.rows.set(labels, row);
    this.#byId.set(id, row);
    this.#nextId = Math.max(this.#nextId, id + 1);
    return row;
  }

  #family(entry: Omit<SeriesRow, 'id' | 'labels'>): Family {
    const key = keyOfFamily(entry);
    const family = this.#families.get(key) ?? { key, rows: new Map<LabelSet, SeriesRow>() };
    this.#families.set(key, family);
    return family;
  }

  #labelSet(labels: Readonly<Record<string, string>>): LabelSet {
    const key = keyOfLabels(labels);
    const set = this.#labelSets.get(key) ?? { key, labels, uses: 0 };
    this.#labelSets.set(key, set);
    return set;
  }
}

function sorted(labels: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}

function keyOfLabels(labels: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(labels));
}

function keyOfFamily({ name, unit, kind }: Omit<SeriesRow, 'id' | 'labels'>): string {
  return JSON.stringify([name, unit, kind]);
}
