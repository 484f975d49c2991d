import { type Clock, describeError, type Log } from '../../base/index.ts';
import type { Retention } from '../store/retention.ts';
import type { Change, Store } from '../store/store.ts';
import type { SeriesTable } from './series.ts';
import { type CatalogueOwner, SeriesRetention } from './series-retention.ts';

export interface DataRetentionPorts {
  readonly store: Store;
  readonly series: SeriesTable;
  readonly clock: Clock;
  readonly log: Log;
  readonly devices: () => Iterable<CatalogueOwner>;
  /** Written with the next commit. */
  readonly change: (key: string, change: Change) => void;
}

/** Keeps the database within its bounds: drops old rows, and series that no device names any more. */
export class DataRetention {
  readonly #ports: DataRetentionPorts;
  readonly #retention: Retention;
  #series = new SeriesRetention([]);
  #databaseBytes: number | undefined;

  constructor(ports: DataRetentionPorts, retention: Retention) {
    this.#ports = ports;
    this.#retention = retention;
  }

  load(seriesUse: readonly (readonly [series: number, lastMs: number])[]): void {
    this.#series = new SeriesRetention(seriesUse);
  }

  /** As measured after the last `dropOldRows`. */
  get databaseBytes(): number | undefined {
    return this.#databaseBytes;
  }

  async dropOldRows(): Promise<void> {
    const { store, clock, log } = this.#ports;
    try {
      const { rows } = await store.retain(this.#retention, clock.wallMs());
      if (rows > 0) log.debug('Old data dropped', { rows });
      this.#databaseBytes = await store.sizeBytes();
    } catch (error) {
      log.error('Old data could not be dropped', { cause: describeError(error) });
    }
  }

  dropUnusedSeries(): void {
    const { series, clock, devices, change } = this.#ports;
    const nowMs = clock.wallMs();
    const changes = this.#series.dropUnused(devices(), series, nowMs, this.#retention.hour.maxAgeMs);
    for (const [index, one] of changes.entries()) change(`series-retention ${nowMs} ${index}`, one);
  }
}
