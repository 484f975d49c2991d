import {
  asGoshawkError,
  type Cancel,
  type Clock,
  describeError,
  type GoshawkError,
  LimitError,
  type Log,
} from '../../base/index.ts';
import { Dispatch, type DispatchPolicy, defaultDispatchPolicy } from './dispatch.ts';
import { OutboxIndex } from './outbox-index.ts';
import type { EntryInfo, EntryKind, OutboxStore, StoredEntry } from './store.ts';

export interface OutboxOptions {
  /** Room on the disk. */
  readonly maxBytes: number;
  /** Room in memory for what a disk that fails would not take. */
  readonly maxVolatileBytes?: number;
  readonly dispatch?: DispatchPolicy;
}

export interface Sending {
  readonly entry: number;
  readonly kind: EntryKind;
  readonly payload: Uint8Array;
  readonly thinned: number;
  /** It was made in an earlier session, long ago, or is sent again. */
  readonly late: boolean;
}

export interface OutboxPorts {
  readonly store: OutboxStore;
  readonly clock: Clock;
  readonly log: Log;
  /** Rejects when it did not leave. */
  readonly send: (sending: Sending) => Promise<void>;
}

export interface OutboxStats {
  readonly entries: number;
  readonly bytes: number;
  /** Entries that live in memory only, because the disk refuses. */
  readonly volatileEntries: number;
  readonly thinnedBatches: number;
  readonly refusedEntries: number;
}

/** What a store rejects with where its disk refuses. */
const diskCode = 'outbox-disk';
/** An entry sent this much after it was made counts as late. */
const lateMs = 5_000;
/** A store that did not open is tried again with an entry, and not more often than this. */
const reopenEveryMs = 60_000;

/**
 * What waits for the controller: kept until the controller says that it has it, sent again until then.
 *
 * INVARIANTS
 * - When `accept` resolves the entry is on the disk, or in memory while the disk refuses (and `onDisk` was told).
 * - A store that does not open stops nothing: entries live in memory, and the disk's older ones join when it opens.
 * - An entry leaves by `acknowledge` alone, or as a batch of metrics that is thinned for lack of room.
 * - Numbers only grow. Nothing is sent before it is accepted, and nothing while offline.
 * - Durations are monotonic: a clock that jumps changes nothing.
 */
export class Outbox {
  readonly #ports: OutboxPorts;
  readonly #index: OutboxIndex;
  readonly #dispatch: Dispatch;
  readonly #maxVolatileBytes: number;
  readonly #madeMs = new Map<number, number>();
  readonly #volatile = new Map<number, StoredEntry>();
  readonly #unsettled = new Set<number>();
  #nextEntry = 0;
  #online = false;
  #closed = false;
  #opened = false;
  #triedMs = Number.NEGATIVE_INFINITY;
  #diskError: GoshawkError | undefined;
  #diskChanged: (error: GoshawkError | undefined) => void = () => {};
  #timer: Cancel | undefined;
  readonly #pending = new Set<Promise<unknown>>();
  #lastRead: Promise<unknown> = Promise.resolve();
  /** Called when something left, or when nothing can leave any more. */
  readonly #waiting = new Set<() => void>();
  #thinnedBatches = 0;
  #refusedEntries = 0;

  constructor(options: OutboxOptions, ports: OutboxPorts) {
    this.#ports = ports;
    this.#index = new OutboxIndex(options.maxBytes);
    this.#dispatch = new Dispatch(options.dispatch ?? defaultDispatchPolicy);
    this.#maxVolatileBytes = options.maxVolatileBytes ?? 1024 * 1024;
  }

  /** The disk refuses (`error`) or takes entries again (undefined). */
  onDisk(listener: (error: GoshawkError | undefined) => void): void {
    this.#diskChanged = listener;
  }

  /**
   * Resolves with what was found broken, if anything. Where the disk refuses, entries are kept in memory; rejects where
   * another program uses the store.
   */
  async open(): Promise<string | undefined> {
    try {
      return await this.#openStore();
    } catch (error) {
      const refusal = asGoshawkError(error, diskCode);
      if (refusal.code !== diskCode) throw error;
      // Numbers begin at the time, as in a new file: above all that the file can have given out.
      this.#nextEntry = Math.max(this.#nextEntry, Math.floor(this.#ports.clock.wallMs()));
      this.#diskRefuses(refusal);
      return undefined;
    }
  }

  get stats(): OutboxStats {
    return {
      entries: this.#index.size,
      bytes: this.#index.bytes,
      volatileEntries: this.#volatile.size,
      thinnedBatches: this.#thinnedBatches,
      refusedEntries: this.#refusedEntries,
    };
  }

  /**
   * Keeps a payload, which `make` builds around its number. Rejects with LimitError `outbox-full` when events alone
   * fill the room, or with the store's error when neither disk nor memory takes it.
   */
  async accept(kind: EntryKind, session: number, make: (entry: number) => Uint8Array): Promise<number> {
    const entry = this.#nextEntry;
    const payload = make(entry);
    this.#nextEntry++;
    const admission = this.#index.admit({ entry, kind, bytes: payload.byteLength, session, thinned: 0 });
    if (!admission.admitted) {
      this.#refusedEntries++;
      throw new LimitError(
        'outbox-full',
        `The outbox is full: ${this.#index.bytes} bytes wait for the controller.`,
        'Bring the device online, or give the outbox more room (outboxBytes).',
      );
    }
    this.#thinnedBatches += admission.givenUp;
    for (const gone of admission.thinning.remove) this.#drop(gone);
    const info = this.#index.get(entry) ?? { entry, kind, bytes: payload.byteLength, session, thinned: 0 };
    this.#unsettled.add(entry);
    // A batch waits for those before it in its session: one that came before them would look like a gap to the fleet.
    if (this.#online && kind === 'event') this.#dispatch.made(entry);
    this.#madeMs.set(entry, this.#ports.clock.monotonicMs());
    const stored = { ...info, payload };
    try {
      if (!this.#opened) await this.#reopen();
      await this.#track(this.#ports.store.append(stored, admission.thinning));
      this.#diskWorks();
    } catch (error) {
      this.#keepInMemory(stored, asGoshawkError(error, 'outbox-disk'));
    } finally {
      this.#unsettled.delete(entry);
    }
    this.#pump();
    return entry;
  }

  /** The controller has these safe. */
  acknowledge(entries: readonly number[]): void {
    const known = entries.filter((entry) => this.#index.remove(entry));
    if (known.length === 0) return;
    for (const entry of known) this.#drop(entry);
    this.#wake();
    if (this.#opened)
      void this.#track(this.#ports.store.remove(known)).catch((error: unknown) => {
        // They come back after a restart and are sent once more, which is harmless.
        this.#ports.log.warn('Acknowledged entries stay on the disk', { reason: describeError(error) });
      });
    this.#pump();
  }

  online(): void {
    this.#online = true;
    this.#dispatch.reconnected();
    this.#pump();
  }

  /** The controller says that it has lost track: what it has not acknowledged goes out again, without waiting its time. */
  sendAgain(): void {
    this.#dispatch.sendAgain();
    this.#pump();
  }

  offline(): void {
    this.#online = false;
    this.#timer?.();
    this.#timer = undefined;
    this.#wake();
  }

  /**
   * Before an end: waits until the controller has all entries of a kind, at most so long, and not at all while offline.
   * What lives in memory only would be lost else. True when none is left.
   */
  async delivered(kind: EntryKind, withinMs: number): Promise<boolean> {
    const left = () => !this.#index.of(kind)[Symbol.iterator]().next().done;
    let late = false;
    const cancel = this.#ports.clock.after(withinMs, () => {
      late = true;
      this.#wake();
    });
    while (left() && this.#online && !late)
      await new Promise<void>((resolve) => {
        this.#waiting.add(resolve);
      });
    cancel();
    return !left();
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.offline();
    await Promise.allSettled(this.#pending);
    await this.#ports.store.close();
  }

  async #openStore(): Promise<string | undefined> {
    this.#triedMs = this.#ports.clock.monotonicMs();
    const { nextEntry, entries, damage } = await this.#track(this.#ports.store.open());
    this.#opened = true;
    this.#nextEntry = Math.max(this.#nextEntry, nextEntry);
    this.#index.load(entries);
    return damage;
  }

  /** Rejects while the store stays shut. */
  async #reopen(): Promise<void> {
    const waits = this.#ports.clock.monotonicMs() - this.#triedMs < reopenEveryMs;
    if (waits) throw this.#diskError ?? new LimitError(diskCode, 'The outbox is not open.', 'Open it first.');
    const damage = await this.#openStore();
    if (damage !== undefined) this.#ports.log.error(damage);
  }

  /** `close` waits for what the store was asked. */
  async #track<T>(call: Promise<T>): Promise<T> {
    this.#pending.add(call);
    try {
      return await call;
    } finally {
      this.#pending.delete(call);
    }
  }

  #drop(entry: number): void {
    this.#dispatch.forget(entry);
    this.#madeMs.delete(entry);
    this.#volatile.delete(entry);
  }

  #keepInMemory(stored: StoredEntry, error: GoshawkError): void {
    const held = [...this.#volatile.values()].reduce((sum, { bytes }) => sum + bytes, 0);
    const fits = held + stored.bytes <= this.#maxVolatileBytes;
    if (fits) this.#volatile.set(stored.entry, stored);
    else {
      this.#index.giveUp(stored.entry);
      this.#drop(stored.entry);
      this.#refusedEntries++;
    }
    this.#diskRefuses(error);
    if (!fits) throw error;
  }

  /** Told once, until it works again. */
  #diskRefuses(error: GoshawkError): void {
    const news = this.#diskError === undefined;
    this.#diskError = error;
    if (!news) return;
    this.#ports.log.error('The outbox cannot write to its disk', { error });
    this.#diskChanged(error);
  }

  #diskWorks(): void {
    for (const stored of this.#volatile.values()) {
      const moved = this.#track(this.#ports.store.append(stored));
      moved.then(
        () => this.#movedToDisk(stored.entry),
        () => {},
      );
    }
    if (this.#diskError === undefined) return;
    this.#diskError = undefined;
    this.#ports.log.info('The outbox writes to its disk again');
    this.#diskChanged(undefined);
  }

  #movedToDisk(entry: number): void {
    if (this.#volatile.delete(entry) || this.#index.get(entry) !== undefined) return;
    // Acknowledged while it was on its way.
    void this.#track(this.#ports.store.remove([entry])).catch(() => {});
  }

  #pump(): void {
    this.#timer?.();
    this.#timer = undefined;
    if (!this.#online || this.#closed) return;
    const nowMs = this.#ports.clock.monotonicMs();
    for (const info of this.#dispatch.take(this.#index, nowMs, this.#unsettled)) void this.#send(info, nowMs);
    this.#rearm();
  }

  #rearm(): void {
    this.#timer?.();
    this.#timer = undefined;
    if (!this.#online || this.#closed) return;
    const waitMs = this.#dispatch.waitMs(this.#index, this.#ports.clock.monotonicMs(), this.#unsettled);
    if (waitMs !== undefined) this.#timer = this.#ports.clock.after(waitMs, () => this.#pump());
  }

  async #payloadOf(entry: number): Promise<Uint8Array | undefined> {
    return this.#volatile.get(entry)?.payload ?? (await this.#track(this.#ports.store.read(entry)));
  }

  /** Settles as what is read does, and not before what was asked for earlier: entries leave in the order of `take`. */
  #inTurn<T>(reading: Promise<T>): Promise<T> {
    const before = this.#lastRead;
    this.#lastRead = reading.catch(() => {}).then(() => before);
    return before.then(() => reading);
  }

  async #send(info: EntryInfo, nowMs: number): Promise<void> {
    const { entry, kind, thinned } = info;
    try {
      const payload = await this.#inTurn(this.#payloadOf(entry));
      if (this.#index.get(entry) === undefined) return;
      if (payload === undefined) {
        this.#ports.log.warn('An outbox entry is gone from the disk', { entry });
        this.#index.remove(entry);
        this.#drop(entry);
        return;
      }
      const madeMs = this.#madeMs.get(entry);
      const late = madeMs === undefined || nowMs - madeMs > lateMs || this.#dispatch.isRepeat(entry);
      await this.#ports.send({ entry, kind, payload, thinned, late });
    } catch (error) {
      this.#dispatch.failed(entry, this.#ports.clock.monotonicMs());
      this.#ports.log.debug('An outbox entry did not leave', { entry, reason: describeError(error) });
      this.#rearm();
    }
  }
}
