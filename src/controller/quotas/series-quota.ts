import type { CatalogueEntry } from '../../protocol/index.ts';
import { noSeries, type SeriesTable } from '../history/series.ts';
import { BoundedMap } from './bounded-map.ts';
import type { ExceededQuota, Quotas } from './quotas.ts';
import { TokenBucket } from './token-bucket.ts';

const dayMs = 86_400_000;

/**
 * Gives the metrics of a birth their numbers, as far as the limits go. A catalogue is bounded, and so is how many metrics a
 * device adds to the fleet in a day: otherwise births with ever new names fill the table of all.
 */
export class SeriesQuota {
  readonly #table: SeriesTable;
  readonly #perDevice: number;
  readonly #fresh: BoundedMap<TokenBucket>;

  constructor(table: SeriesTable, { seriesPerDevice }: Quotas, maxDevices: number) {
    this.#table = table;
    this.#perDevice = seriesPerDevice;
    this.#fresh = new BoundedMap(
      maxDevices,
      (nowMs) => new TokenBucket(seriesPerDevice, dayMs, nowMs),
      (bucket, nowMs) => bucket.full(nowMs),
    );
  }

  /** Every alias of the catalogue, with the number of its series or `noSeries`. */
  read(
    device: string,
    catalogue: readonly CatalogueEntry[],
    nowMs: number,
  ): { readonly aliases: ReadonlyMap<number, number>; readonly exceeded: readonly ExceededQuota[] } {
    const aliases = new Map<number, number>();
    const used = new Set<number>();
    const left = { series: 0, 'new-series': 0, 'fleet-series': 0 };
    for (const entry of catalogue) {
      const known = used.size < this.#perDevice ? this.#table.find(entry) : undefined;
      const what = this.#refusal(device, known, used.size, nowMs);
      const id = what === undefined ? (known ?? this.#table.intern(entry)) : undefined;
      if (id !== undefined) used.add(id);
      else left[what ?? 'fleet-series'] += 1;
      aliases.set(entry.alias, id ?? noSeries);
    }
    const limits = {
      series: this.#perDevice,
      'new-series': this.#perDevice,
      'fleet-series': this.#table.limit,
    };
    const exceeded = (['series', 'new-series', 'fleet-series'] as const)
      .map((what) => ({ what, limit: limits[what], count: left[what] }))
      .filter(({ count }) => count > 0);
    return { aliases, exceeded };
  }

  forgetDevice(device: string): void {
    this.#fresh.forget(device);
  }

  #refusal(
    device: string,
    known: number | undefined,
    used: number,
    nowMs: number,
  ): 'series' | 'new-series' | undefined {
    if (used >= this.#perDevice) return 'series';
    if (known !== undefined || this.#table.size >= this.#table.limit) return undefined;
    return this.#fresh.get(device, nowMs).spend(1, nowMs) ? undefined : 'new-series';
  }
}
