import {
  type Backoff,
  backoffMs,
  type Cancel,
  type Clock,
  describeError,
  type Log,
  RefusedError,
} from '../base/index.ts';
import type { StreamCounts } from './counts.ts';
import { reasonOf } from './outlet.ts';

export interface Waiting {
  /** Of its text. */
  readonly bytes: number;
  /** For how many messages it counts; default 1. */
  readonly messages?: number;
}

export interface DeliveryQueueOptions<Item extends Waiting> {
  /** Most that waits; a newer one takes the place of the oldest. */
  readonly maxMessages: number;
  readonly maxBytes: number;
  /** Most that are delivered together; default 1. */
  readonly maxBatch?: number;
  /** How long a batch is collected before it goes; default: not at all. */
  readonly lingerMs?: number;
  /** Absent: what can't be delivered is left out. */
  readonly retry?: { readonly attempts: number; readonly backoff: Backoff; readonly random: () => number };
  /** Resolves when the receiver, or the way to it, has it. */
  readonly deliver: (items: readonly Item[]) => Promise<void>;
  readonly counts: Pick<StreamCounts, 'send' | 'leaveOut'>;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * What waits for a receiver, one delivery at a time.
 *
 * INVARIANTS
 * - Bounded: `maxMessages` and `maxBytes`, and one delivery under way.
 * - Newest wins: when it is full the oldest is left out.
 * - Each item is counted once, as sent or left out; after `close` all are.
 */
export class DeliveryQueue<Item extends Waiting> {
  readonly #options: DeliveryQueueOptions<Item>;
  #items: Item[] = [];
  #bytes = 0;
  #busy = false;
  #closed = false;
  #linger: Cancel | undefined;
  /** Ends a wait for another attempt. */
  #wake: (() => void) | undefined;
  readonly #rooms: (() => void)[] = [];
  #told = false;
  #underWay = 0;
  /** Closed, and the delivery under way was not waited for. */
  #abandoned = false;

  constructor(options: DeliveryQueueOptions<Item>) {
    this.#options = options;
  }

  get waiting(): number {
    return this.#items.length;
  }

  offer(item: Item): void {
    const { maxMessages, maxBytes, counts } = this.#options;
    if (this.#closed || item.bytes > maxBytes) {
      counts.leaveOut(this.#closed ? 'closed' : 'size', messagesOf([item]));
      return;
    }
    this.#items.push(item);
    this.#bytes += item.bytes;
    let over = 0;
    while (this.#items.length - over > maxMessages || this.#bytes > maxBytes)
      this.#bytes -= this.#items[over++]!.bytes;
    if (over > 0) counts.leaveOut('slow', messagesOf(this.#items.splice(0, over)));
    this.#pump();
  }

  /** Resolves when there is room for another one. */
  async room(): Promise<void> {
    while (!this.#closed && this.#items.length >= this.#options.maxMessages)
      await new Promise<void>((resolve) => this.#rooms.push(resolve));
  }

  /** What waits still goes, if it goes within this time. */
  async close(graceMs: number): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#linger?.();
    this.#linger = undefined;
    this.#pump();
    await this.#drained(graceMs);
    this.#abandoned = true;
    this.#options.counts.leaveOut('closed', messagesOf(this.#items) + this.#underWay);
    this.#items = [];
    this.#bytes = 0;
    this.#freeRooms();
    this.#wake?.();
  }

  async #drained(graceMs: number): Promise<void> {
    if (graceMs <= 0) return;
    let late = false;
    const cancel = this.#options.clock.after(graceMs, () => {
      late = true;
      this.#freeRooms();
    });
    while ((this.#busy || this.#items.length > 0) && !late)
      await new Promise<void>((resolve) => this.#rooms.push(resolve));
    cancel();
  }

  #pump(): void {
    const { maxBatch = 1, lingerMs = 0, clock } = this.#options;
    if (this.#busy || this.#items.length === 0) return;
    if (lingerMs > 0 && this.#items.length < maxBatch && !this.#closed) {
      this.#linger ??= clock.after(lingerMs, () => {
        this.#linger = undefined;
        void this.#deliverNext();
      });
      return;
    }
    this.#linger?.();
    this.#linger = undefined;
    void this.#deliverNext();
  }

  async #deliverNext(): Promise<void> {
    const { maxBatch = 1 } = this.#options;
    if (this.#busy) return;
    const batch = this.#items.splice(0, maxBatch);
    if (batch.length === 0) return;
    for (const { bytes } of batch) this.#bytes -= bytes;
    this.#busy = true;
    this.#underWay = messagesOf(batch);
    await this.#attempt(batch);
    this.#underWay = 0;
    this.#busy = false;
    this.#freeRooms();
    this.#pump();
  }

  async #attempt(batch: readonly Item[]): Promise<void> {
    const { deliver, counts, retry, log } = this.#options;
    for (let attempt = 0; ; attempt += 1) {
      try {
        await deliver(batch);
        if (this.#abandoned) return;
        counts.send(messagesOf(batch));
        this.#told = false;
        return;
      } catch (error) {
        if (this.#abandoned) return;
        const last = retry === undefined || attempt + 1 >= retry.attempts || this.#closed;
        const reason = reasonOf(error);
        // Told once until one arrives again.
        if (!this.#told) log.warn('A stream does not reach its receiver', { reason: describeError(error) });
        this.#told = true;
        if (last || error instanceof RefusedError || reason === 'budget') {
          counts.leaveOut(reason, messagesOf(batch));
          return;
        }
        await this.#pause(backoffMs(retry.backoff, attempt, retry.random));
        if (this.#abandoned) return;
      }
    }
  }

  #pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        cancel();
        this.#wake = undefined;
        resolve();
      };
      const cancel = this.#options.clock.after(delayMs, end);
      this.#wake = end;
    });
  }

  #freeRooms(): void {
    for (const resolve of this.#rooms.splice(0)) resolve();
  }
}

function messagesOf(items: readonly Waiting[]): number {
  return items.reduce((sum, { messages = 1 }) => sum + messages, 0);
}
