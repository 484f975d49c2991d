import { asGoshawkError, type Cancel, type Clock, type GoshawkError, type Log } from '../../base/index.ts';
import type { Ack, EventBus } from '../event-bus.ts';
import type { SeriesTable } from '../history/series.ts';
import type { EventRow, MetricsRow } from '../store/rows.ts';
import type { Change, Commit, CommitResult } from '../store/store.ts';
import { FairQueue } from './fair-queue.ts';

export interface IngestLimits {
  /** Longest time that something waits for its commit. */
  readonly flushMs: number;
  /** As many items start a commit at once, and so many are in one. An item is a sample, or 100 bytes of an event. */
  readonly flushItems: number;
  /** Beyond this nothing more is taken while the database is in trouble; the devices keep it. */
  readonly maxItems: number;
}

export const defaultIngestLimits: IngestLimits = { flushMs: 250, flushItems: 100_000, maxItems: 3_000_000 };

export interface IngestQueuePorts {
  /** `acks`: what is acknowledged after the commit. */
  readonly store: { commit(commit: Commit, acks: readonly Ack[]): Promise<CommitResult> };
  readonly series: SeriesTable;
  readonly clock: Clock;
  readonly log: Log;
  readonly bus: EventBus;
}

const retryMs = [500, 1_000, 2_000, 5_000, 10_000] as const;
/** What a device gives in one round, where many wait: three to four usual batches. */
const itemsPerRound = 2_000;
const bytesPerItem = 100;

/** Called after the commit that holds it. */
export type Settle = () => void;

interface Waiting {
  readonly device: string;
  readonly entry: number | undefined;
  readonly metrics?: MetricsRow;
  readonly event?: EventRow;
  readonly settle?: Settle | undefined;
}

interface Batch {
  readonly waiting: readonly Waiting[];
  readonly changes: ReadonlyMap<string, Change>;
  readonly items: number;
}

/**
 * Between the broker and the database: collects for a moment, commits as one transaction, and only then gives the
 * acknowledgements for the devices. Room and turns are shared between the devices, so that one that floods delays itself.
 *
 * INVARIANTS. One commit is under way at most. A batch stays in memory until its commit resolved, and is tried again as it
 * was. An entry is told as `committed` only after the commit that holds it.
 */
export class IngestQueue {
  readonly #store: IngestQueuePorts['store'];
  readonly #series: SeriesTable;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #bus: EventBus;
  readonly #limits: IngestLimits;
  readonly #waiting: FairQueue<Waiting>;
  #changes = new Map<string, Change>();
  /** Under way, or to be tried again. */
  #batch: Batch | undefined;
  #committing = false;
  #timer: Cancel | undefined;
  #failures = 0;
  #fault: GoshawkError | undefined;
  #idle: (() => void)[] = [];
  #closed = false;

  constructor(ports: IngestQueuePorts, limits: IngestLimits) {
    this.#store = ports.store;
    this.#series = ports.series;
    this.#clock = ports.clock;
    this.#log = ports.log;
    this.#bus = ports.bus;
    this.#limits = limits;
    this.#waiting = new FairQueue(limits.maxItems, itemsPerRound);
  }

  /** Why nothing can be written at the moment. */
  get fault(): GoshawkError | undefined {
    return this.#fault;
  }

  /** False when there is no room: not taken, so not acknowledged, so the device sends it again. */
  metrics(row: MetricsRow, entry: number, settle?: Settle): boolean {
    const { device } = row;
    return this.#take({ device, entry, settle, metrics: row }, row.values.length + 1);
  }

  /** Without `entry` for what the controller itself has to tell. `bytes`: of the event as it came. */
  event(row: EventRow, entry?: number, bytes = row.message.length, settle?: Settle): boolean {
    const { device } = row;
    return this.#take({ device, entry, settle, event: row }, 1 + Math.floor(bytes / bytesPerItem));
  }

  /** An entry that can never be read: reported as committed, and not stored. */
  refused(device: string, entry: number, settle?: Settle): boolean {
    return this.#take({ device, entry, settle }, 1);
  }

  /** Of two changes with one key the later is written. */
  change(key: string, change: Change): void {
    this.#changes.delete(key);
    this.#changes.set(key, change);
    this.#startTimer();
  }

  /** Drops what waits for a device that was deleted. */
  forgetDevice(device: string): void {
    this.#waiting.forget(device);
    this.#changes = withoutDevice(this.#changes, device);
    if (this.#batch === undefined || this.#committing) return;
    this.#batch = {
      ...this.#batch,
      waiting: this.#batch.waiting.filter((one) => one.device !== device),
      changes: withoutDevice(this.#batch.changes, device),
    };
  }

  /** Resolves when all that was taken before is in the database, or when writing fails. */
  async flush(): Promise<void> {
    await this.#settled();
    do {
      this.#commit();
      await this.#settled();
    } while (this.#failures === 0 && !this.#empty);
  }

  /** One last flush; what can't be written then is not acknowledged, and the devices still have it. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.flush();
    this.#timer?.();
  }

  get #empty(): boolean {
    return this.#batch === undefined && this.#waiting.size === 0 && this.#changes.size === 0;
  }

  #settled(): Promise<void> {
    if (!this.#committing) return Promise.resolve();
    return new Promise((resolve) => {
      this.#idle.push(resolve);
    });
  }

  #take(one: Waiting, items: number): boolean {
    const reserved = this.#batch?.items ?? 0;
    if (this.#closed || !this.#waiting.push(one.device, one, items, reserved)) return false;
    this.#goOn();
    return true;
  }

  /** Commits soon, or at once where much waits. */
  #goOn(): void {
    if (this.#waiting.size >= this.#limits.flushItems && this.#failures === 0) this.#commit();
    else if (!this.#empty) this.#startTimer();
  }

  #startTimer(): void {
    if (this.#timer !== undefined || this.#committing) return;
    this.#timer = this.#clock.after(this.#limits.flushMs, () => {
      this.#timer = undefined;
      this.#commit();
    });
  }

  #commit(): void {
    if (this.#committing) return;
    this.#timer?.();
    this.#timer = undefined;
    if (this.#empty) return;
    this.#batch ??= this.#nextBatch();
    this.#committing = true;
    void this.#write(this.#batch);
  }

  #nextBatch(): Batch {
    const { values, size } = this.#waiting.take(this.#limits.flushItems);
    const changes = this.#changes;
    this.#changes = new Map();
    return { waiting: values, changes, items: size };
  }

  async #write({ waiting, changes, items }: Batch): Promise<void> {
    const series = this.#series.unsaved();
    const acks = waiting.flatMap(({ device, entry }) => (entry === undefined ? [] : { device, entry }));
    const commit: Commit = {
      series,
      changes: [...changes.values()],
      metrics: waiting.flatMap(({ metrics }) => metrics ?? []),
      events: waiting.flatMap(({ event }) => event ?? []),
    };
    try {
      const result = await this.#store.commit(commit, acks);
      this.#series.saved(series);
      if (this.#failures > 0) this.#log.info('The database takes data again', { after: this.#failures });
      this.#failures = 0;
      this.#fault = undefined;
      this.#batch = undefined;
      this.#committing = false;
      for (const { settle } of waiting) settle?.();
      this.#bus.emit('committed', { ...result, acks });
    } catch (cause) {
      this.#committing = false;
      this.#failed(items, asGoshawkError(cause, 'database-failed', 'Check the disk of the controller.'));
    }
    const idle = this.#idle;
    this.#idle = [];
    for (const resolve of idle) resolve();
    this.#goOn();
  }

  #failed(items: number, error: GoshawkError): void {
    this.#fault = error;
    const { code, remedy } = error;
    if (this.#failures === 0)
      this.#log.error(error.message, { code, remedy, waiting: items + this.#waiting.size });
    const delayMs = retryMs[Math.min(this.#failures, retryMs.length - 1)] ?? 10_000;
    this.#failures += 1;
    if (this.#closed) return;
    this.#timer = this.#clock.after(delayMs, () => {
      this.#timer = undefined;
      this.#commit();
    });
  }
}

function withoutDevice(changes: ReadonlyMap<string, Change>, device: string): Map<string, Change> {
  return new Map([...changes].filter(([key]) => !key.endsWith(` ${device}`)));
}
