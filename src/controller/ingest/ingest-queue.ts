import type { FleetEvent } from '../../api/index.ts';
import { asGoshawkError, type Cancel, type Clock, type GoshawkError, type Log } from '../../base/index.ts';
import type { Guard } from '../guard.ts';
import type { SeriesTable } from '../history/series.ts';
import type { EventRow, MetricsRow } from '../store/rows.ts';
import type { Change, CommitResult, Store } from '../store/store.ts';

export interface IngestLimits {
  /** Longest time that something waits for its commit. */
  readonly flushMs: number;
  /** As many samples and events start a commit at once. */
  readonly flushItems: number;
  /** Beyond this nothing more is taken while the database is in trouble; the devices keep it. */
  readonly maxItems: number;
}

export const defaultIngestLimits: IngestLimits = { flushMs: 250, flushItems: 100_000, maxItems: 3_000_000 };

export interface IngestQueuePorts {
  readonly store: Store;
  readonly series: SeriesTable;
  readonly clock: Clock;
  readonly log: Log;
  readonly guard: Guard;
}

export interface Committed {
  readonly events: readonly FleetEvent[];
  readonly duplicateBatches: number;
  readonly repeatedSessions: CommitResult['repeatedSessions'];
  /** Outbox entries that are safe now. */
  readonly acks: readonly Ack[];
}

export interface Ack {
  readonly device: string;
  readonly entry: number;
}

const retryMs = [500, 1_000, 2_000, 5_000, 10_000] as const;

interface Batch {
  metrics: MetricsRow[];
  events: EventRow[];
  changes: Map<string, Change>;
  acks: Ack[];
  items: number;
}

/**
 * Between the broker and the database: collects for a moment, commits as one transaction, and only then gives the
 * acknowledgements for the devices.
 *
 * INVARIANTS. One commit is under way at most. A batch stays in memory until its commit resolved. An entry is given to
 * `onCommitted` only after the commit that holds it.
 */
export class IngestQueue {
  readonly #store: Store;
  readonly #series: SeriesTable;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #guard: Guard;
  readonly #limits: IngestLimits;
  readonly #onCommitted: (committed: Committed) => void;
  #batch = emptyBatch();
  #committing: Batch | undefined;
  #timer: Cancel | undefined;
  #failures = 0;
  #fault: GoshawkError | undefined;
  #idle: (() => void)[] = [];
  #closed = false;

  constructor(ports: IngestQueuePorts, limits: IngestLimits, onCommitted: (committed: Committed) => void) {
    this.#store = ports.store;
    this.#series = ports.series;
    this.#clock = ports.clock;
    this.#log = ports.log;
    this.#guard = ports.guard;
    this.#limits = limits;
    this.#onCommitted = onCommitted;
  }

  /** Why nothing can be written at the moment. */
  get fault(): GoshawkError | undefined {
    return this.#fault;
  }

  /** False when there is no room: not taken, so not acknowledged, so the device sends it again. */
  metrics(row: MetricsRow, entry: number): boolean {
    if (this.#full(row.values.length)) return false;
    this.#batch.metrics.push(row);
    this.#taken(row.device, entry, row.values.length + 1);
    return true;
  }

  /** Without `entry` for what the controller itself has to tell. */
  event(row: EventRow, entry?: number): boolean {
    if (this.#full(1)) return false;
    this.#batch.events.push(row);
    this.#taken(row.device, entry, 1);
    return true;
  }

  /** Of two changes with one key the later is written. */
  change(key: string, change: Change): void {
    this.#batch.changes.delete(key);
    this.#batch.changes.set(key, change);
    this.#startTimer();
  }

  /** Drops what waits for a device that was deleted. */
  forgetDevice(device: string): void {
    const { metrics, events, changes, acks } = this.#batch;
    const items = this.#batch.items;
    this.#batch = {
      metrics: metrics.filter((row) => row.device !== device),
      events: events.filter((row) => row.device !== device),
      changes: new Map([...changes].filter(([key]) => !key.endsWith(` ${device}`))),
      acks: acks.filter((ack) => ack.device !== device),
      items,
    };
  }

  /** Resolves when all that was taken before is in the database, or when writing fails. */
  async flush(): Promise<void> {
    await this.#settled();
    this.#commit();
    await this.#settled();
  }

  /** One last commit; what can't be written then is not acknowledged, and the devices still have it. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.flush();
    this.#timer?.();
  }

  #settled(): Promise<void> {
    if (this.#committing === undefined) return Promise.resolve();
    return new Promise((resolve) => {
      this.#idle.push(resolve);
    });
  }

  #full(items: number): boolean {
    return this.#closed || this.#batch.items + (this.#committing?.items ?? 0) + items > this.#limits.maxItems;
  }

  #taken(device: string, entry: number | undefined, items: number): void {
    if (entry !== undefined) this.#batch.acks.push({ device, entry });
    this.#batch.items += items;
    if (this.#batch.items >= this.#limits.flushItems && this.#failures === 0) this.#commit();
    else this.#startTimer();
  }

  #startTimer(): void {
    if (this.#timer !== undefined || this.#committing !== undefined) return;
    this.#timer = this.#clock.after(this.#limits.flushMs, () => {
      this.#timer = undefined;
      this.#commit();
    });
  }

  #commit(): void {
    if (this.#committing !== undefined) return;
    this.#timer?.();
    this.#timer = undefined;
    if (isEmpty(this.#batch)) return;
    this.#committing = this.#batch;
    this.#batch = emptyBatch();
    void this.#write(this.#committing);
  }

  async #write(batch: Batch): Promise<void> {
    const series = this.#series.unsaved();
    try {
      const result = await this.#store.commit({
        series,
        changes: [...batch.changes.values()],
        metrics: batch.metrics,
        events: batch.events,
      });
      this.#series.saved(series);
      if (this.#failures > 0) this.#log.info('The database takes data again', { after: this.#failures });
      this.#failures = 0;
      this.#fault = undefined;
      this.#committing = undefined;
      // What follows from a commit must not look like a commit that failed: it would be made again.
      this.#guard.run('what follows a commit', () => this.#onCommitted({ ...result, acks: batch.acks }));
    } catch (cause) {
      this.#failed(batch, asGoshawkError(cause, 'database-failed', 'Look at the disk of the controller.'));
    }
    const idle = this.#idle;
    this.#idle = [];
    for (const resolve of idle) resolve();
    if (!isEmpty(this.#batch)) this.#startTimer();
  }

  #failed(batch: Batch, error: GoshawkError): void {
    this.#committing = undefined;
    this.#batch = join(batch, this.#batch);
    this.#fault = error;
    if (this.#failures === 0)
      this.#log.error(error.message, { code: error.code, remedy: error.remedy, waiting: this.#batch.items });
    const delayMs = retryMs[Math.min(this.#failures, retryMs.length - 1)] ?? 10_000;
    this.#failures += 1;
    if (this.#closed) return;
    this.#timer = this.#clock.after(delayMs, () => {
      this.#timer = undefined;
      this.#commit();
    });
  }
}

function emptyBatch(): Batch {
  return { metrics: [], events: [], changes: new Map(), acks: [], items: 0 };
}

function isEmpty(batch: Batch): boolean {
  return batch.metrics.length === 0 && batch.events.length === 0 && batch.changes.size === 0;
}

function join(first: Batch, second: Batch): Batch {
  return {
    metrics: [...first.metrics, ...second.metrics],
    events: [...first.events, ...second.events],
    changes: new Map([...first.changes, ...second.changes]),
    acks: [...first.acks, ...second.acks],
    items: first.items + second.items,
  };
}
