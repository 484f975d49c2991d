import type { AlertDelivery } from '../../api/index.ts';
import {
  asGoshawkError,
  type Backoff,
  backoffMs,
  type Cancel,
  type Clock,
  defined,
  type Log,
} from '../../base/index.ts';
import { originOf } from './rule.ts';

/** One message to a webhook. */
export interface WebhookMessage {
  readonly url: string;
  readonly secret: string | undefined;
  /** The same for every attempt: whoever gets it twice knows. */
  readonly id: string;
  readonly event: string;
  /** Of an e-mail. */
  readonly subject?: string;
  readonly body: string;
}

/**
 * Port: sends one message once. Resolves with the status of the answer, whatever it is; rejects with a GoshawkError
 * where there was none, whose message names neither the path of the address nor the secret. `webhook-refused` and
 * `mail-refused` (the address is not allowed, or nobody's) are final, everything else may be tried again. Promises: test/contract/webhooks.ts.
 */
export interface Webhooks {
  send(message: WebhookMessage, timestampMs: number): Promise<{ readonly status: number }>;
}

const finalCodes: ReadonlySet<string> = new Set(['webhook-refused', 'mail-refused']);
const policy: Backoff = { firstMs: 1_000, maxMs: 60_000 };
const maxAttempts = 6;
const maxPerAddress = 500;
const maxAddresses = 200;

interface QueuedMessage {
  readonly message: WebhookMessage;
  readonly done: (delivery: AlertDelivery) => void;
  attempts: number;
}

interface AddressQueue {
  readonly messages: QueuedMessage[];
  busy: boolean;
  timer: Cancel | undefined;
}

/** Totals for Prometheus; only grow. */
export interface WebhookCounts {
  delivered: number;
  failed: number;
  retried: number;
  refused: number;
}

/**
 * Brings messages to webhooks: one at a time and in order per address, so that `resolved` never overtakes `firing`;
 * tried again with growing delays; bounded, so that an address that is dead costs memory once. Logs name the host of an
 * address and never its path, which may be a secret.
 */
export class WebhookDispatcher {
  readonly counts: WebhookCounts = { delivered: 0, failed: 0, retried: 0, refused: 0 };
  readonly #webhooks: Webhooks;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #random: () => number;
  readonly #queues = new Map<string, AddressQueue>();
  #closed = false;

  constructor(webhooks: Webhooks, clock: Clock, log: Log, random: () => number) {
    this.#webhooks = webhooks;
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

  send(message: WebhookMessage, done: (delivery: AlertDelivery) => void): void {
    if (this.#closed) return;
    let queue = this.#queues.get(message.url);
    if (queue === undefined && this.#queues.size < maxAddresses) {
      queue = { messages: [], busy: false, timer: undefined };
      this.#queues.set(message.url, queue);
    }
    if (queue === undefined || queue.messages.length >= maxPerAddress) {
      this.counts.refused += 1;
      done(this.#delivery('failed', 0, 'Too many messages wait for this address.'));
      return;
    }
    queue.messages.push({ message, done, attempts: 0 });
    done(this.#delivery('waiting', 0));
    this.#next(message.url, queue);
  }

  /** One attempt at once, for a person who waits. */
  sendOnce(message: WebhookMessage): Promise<{ readonly status: number }> {
    return this.#webhooks.send(message, this.#clock.wallMs());
  }

  /** What waits is not sent: the database knows that it was not, and the next start sends it. */
  close(): void {
    this.#closed = true;
    for (const queue of this.#queues.values()) queue.timer?.();
    this.#queues.clear();
  }

  #next(url: string, queue: AddressQueue): void {
    if (queue.busy || this.#closed) return;
    const item = queue.messages[0];
    if (item === undefined) {
      this.#queues.delete(url);
      return;
    }
    queue.busy = true;
    void this.#attempt(url, queue, item);
  }

  async #attempt(url: string, queue: AddressQueue, item: QueuedMessage): Promise<void> {
    item.attempts += 1;
    const failure = await this.#failureOf(item.message);
    if (this.#closed) return;
    queue.busy = false;
    if (failure === undefined) {
      this.counts.delivered += 1;
      this.#finish(url, queue, item, this.#delivery('delivered', item.attempts));
      return;
    }
    if (failure.final || item.attempts >= maxAttempts) {
      this.counts.failed += 1;
      this.#log.warn('A webhook could not be reached', {
        to: originOf(url),
        attempts: item.attempts,
        cause: failure.reason,
      });
      this.#finish(url, queue, item, this.#delivery('failed', item.attempts, failure.reason));
      return;
    }
    this.counts.retried += 1;
    item.done(this.#delivery('waiting', item.attempts, failure.reason));
    queue.busy = true;
    queue.timer = this.#clock.after(backoffMs(policy, item.attempts - 1, this.#random), () => {
      queue.timer = undefined;
      void this.#attempt(url, queue, item);
    });
  }

  #finish(url: string, queue: AddressQueue, item: QueuedMessage, delivery: AlertDelivery): void {
    queue.messages.shift();
    item.done(delivery);
    this.#next(url, queue);
  }

  async #failureOf(
    message: WebhookMessage,
  ): Promise<{ readonly final: boolean; readonly reason: string } | undefined> {
    try {
      const { status } = await this.#webhooks.send(message, this.#clock.wallMs());
      return answerFailure(status);
    } catch (error) {
      const known = asGoshawkError(error, 'webhook-failed');
      return { final: finalCodes.has(known.code), reason: known.message };
    }
  }

  #delivery(state: AlertDelivery['state'], attempts: number, error?: string): AlertDelivery {
    const timeMs = this.#clock.wallMs();
    return { state, timeMs, attempts, ...defined({ error }) };
  }
}

/** Too early, too much and too busy pass; any other refusal is the receiver's last word. */
function answerFailure(status: number): { readonly final: boolean; readonly reason: string } | undefined {
  if (status >= 200 && status < 300) return undefined;
  const passing = status >= 500 || [408, 425, 429].includes(status);
  const reason =
    status >= 300 && status < 400
      ? `It answered ${status}; redirects are not followed.`
      : `It answered ${status}.`;
  return { final: !passing, reason };
}
