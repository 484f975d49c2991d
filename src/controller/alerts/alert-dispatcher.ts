import { type AlertDelivery, shownAddress } from '../../api/index.ts';
import {
  asGoshawkError,
  type Backoff,
  backoffMs,
  type Cancel,
  type Clock,
  defined,
  type Log,
  RefusedError,
} from '../../base/index.ts';
import { type AlertChannels, type AlertMessage, deliver } from './alert-channel.ts';

const policy: Backoff = { firstMs: 1_000, maxMs: 60_000 };
const maxAttempts = 6;
const maxPerAddress = 500;
const maxAddresses = 200;

interface QueuedMessage {
  readonly message: AlertMessage;
  readonly done: (delivery: AlertDelivery) => void;
  attempts: number;
}

interface AddressQueue {
  readonly messages: QueuedMessage[];
  busy: boolean;
  timer: Cancel | undefined;
}

interface Outcome {
  readonly said?: string;
  readonly failure?: string;
  readonly final?: boolean;
}

type Words = { readonly [K in 'said' | 'error']?: string | undefined };

/** Totals for Prometheus; only grow. */
export interface DeliveryCounts {
  delivered: number;
  failed: number;
  retried: number;
  refused: number;
}

/**
 * Delivers messages: one at a time and in order per address, so that `resolved` never overtakes `firing`;
 * tried again with growing delays; bounded, so that an address that is dead costs memory once. Logs name an
 * address as `shownAddress` does: the rest of it may be a secret.
 */
export class AlertDispatcher {
  readonly counts: DeliveryCounts = { delivered: 0, failed: 0, retried: 0, refused: 0 };
  readonly #channels: AlertChannels;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #random: () => number;
  readonly #queues = new Map<string, AddressQueue>();
  #closed = false;

  constructor(channels: AlertChannels, clock: Clock, log: Log, random: () => number) {
    this.#channels = channels;
    this.#clock = clock;
    this.#log = log;
    this.#random = random;
  }

  /** Messages that wait or are under way. */
  get waiting(): number {
    let count = 0;
    for (const queue of this.#queues.values()) count += queue.messages.length;
    return count;
  }

  send(message: AlertMessage, done: (delivery: AlertDelivery) => void): void {
    if (this.#closed) return;
    let queue = this.#queues.get(message.to);
    if (queue === undefined && this.#queues.size < maxAddresses) {
      queue = { messages: [], busy: false, timer: undefined };
      this.#queues.set(message.to, queue);
    }
    if (queue === undefined || queue.messages.length >= maxPerAddress) {
      this.counts.refused += 1;
      done(this.#delivery('failed', 0, { error: 'Too many messages wait for this address.' }));
      return;
    }
    queue.messages.push({ message, done, attempts: 0 });
    done(this.#delivery('waiting', 0));
    this.#next(message.to, queue);
  }

  /** One attempt at once, for a person who waits. */
  sendOnce(message: AlertMessage): Promise<string> {
    return deliver(this.#channels, message, this.#clock.wallMs());
  }

  /** What waits is not sent: the database knows that it was not, and the next start sends it. */
  close(): void {
    this.#closed = true;
    for (const queue of this.#queues.values()) queue.timer?.();
    this.#queues.clear();
  }

  #next(to: string, queue: AddressQueue): void {
    if (queue.busy || this.#closed) return;
    const item = queue.messages[0];
    if (item === undefined) {
      this.#queues.delete(to);
      return;
    }
    queue.busy = true;
    void this.#attempt(to, queue, item);
  }

  async #attempt(to: string, queue: AddressQueue, item: QueuedMessage): Promise<void> {
    item.attempts += 1;
    const { said, failure: error, final } = await this.#deliver(item.message);
    if (this.#closed) return;
    queue.busy = false;
    if (error === undefined) {
      this.counts.delivered += 1;
      this.#finish(to, queue, item, this.#delivery('delivered', item.attempts, { said }));
      return;
    }
    if (final === true || item.attempts >= maxAttempts) {
      this.counts.failed += 1;
      this.#log.warn('An alert was not delivered', {
        to: shownAddress(to),
        attempts: item.attempts,
        cause: error,
      });
      this.#finish(to, queue, item, this.#delivery('failed', item.attempts, { error }));
      return;
    }
    this.counts.retried += 1;
    item.done(this.#delivery('waiting', item.attempts, { error }));
    queue.busy = true;
    queue.timer = this.#clock.after(backoffMs(policy, item.attempts - 1, this.#random), () => {
      queue.timer = undefined;
      void this.#attempt(to, queue, item);
    });
  }

  #finish(to: string, queue: AddressQueue, item: QueuedMessage, delivery: AlertDelivery): void {
    queue.messages.shift();
    item.done(delivery);
    this.#next(to, queue);
  }

  async #deliver(message: AlertMessage): Promise<Outcome> {
    try {
      return { said: await deliver(this.#channels, message, this.#clock.wallMs()) };
    } catch (error) {
      const known = asGoshawkError(error, 'alert-failed');
      return { failure: known.message, final: known instanceof RefusedError };
    }
  }

  #delivery(state: AlertDelivery['state'], attempts: number, outcome: Words = {}): AlertDelivery {
    const timeMs = this.#clock.wallMs();
    return { state, timeMs, attempts, ...defined(outcome) };
  }
}
