import type { AlertDelivery } from '../../api/index.ts';
import {
  asGoshawkError,
  type Backoff,
  backoffMs,
  type Cancel,
  type Clock,
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
  readonly body: string;
}

/**
 * Port: sends one message once. Resolves with the status of the answer, whatever it is; rejects with a GoshawkError
 * where there was none, whose message names neither the path of the address nor the secret. `webhook-refused` (the address
 * is not allowed) is final, everything else may be tried again. Promises: test/contract/webhooks.ts.
 */
export interface Webhooks {
  send(message: WebhookMessage, timestampMs: number): Promise<{ readonly status: number }>;
}

const policy: Backoff = { firstMs: 1_000, maxMs: 60_000 };
const mostAttempts = 6;
const mostPerAddress = 500;
const mostAddresses = 200;

interface Parcel {
  readonly message: WebhookMessage;
  readonly done: (delivery: AlertDelivery) => void;
  attempts: number;
}

interface Lane {
  readonly parcels: Parcel[];
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
  readonly #lanes = new Map<string, Lane>();
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
    for (const lane of this.#lanes.values()) count += lane.parcels.length;
    return count;
  }

  send(message: WebhookMessage, done: (delivery: AlertDelivery) => void): void {
    if (this.#closed) return;
    let lane = this.#lanes.get(message.url);
    if (lane === undefined && this.#lanes.size < mostAddresses) {
      lane = { parcels: [], busy: false, timer: undefined };
      this.#lanes.set(message.url, lane);
    }
    if (lane === undefined || lane.parcels.length >= mostPerAddress) {
      this.counts.refused += 1;
      done(this.#delivery('failed', 0, 'Too many messages wait for this address.'));
      return;
    }
    lane.parcels.push({ message, done, attempts: 0 });
    done(this.#delivery('waiting', 0));
    this.#next(message.url, lane);
  }

  /** One attempt at once, for a person who waits. */
  try(message: WebhookMessage): Promise<{ readonly status: number }> {
    return this.#webhooks.send(message, this.#clock.wallMs());
  }

  /** What waits is not sent: the database knows that it was not, and the next start sends it. */
  close(): void {
    this.#closed = true;
    for (const lane of this.#lanes.values()) lane.timer?.();
    this.#lanes.clear();
  }

  #next(url: string, lane: Lane): void {
    if (lane.busy || this.#closed) return;
    const parcel = lane.parcels[0];
    if (parcel === undefined) {
      this.#lanes.delete(url);
      return;
    }
    lane.busy = true;
    void this.#attempt(url, lane, parcel);
  }

  async #attempt(url: string, lane: Lane, parcel: Parcel): Promise<void> {
    parcel.attempts += 1;
    const failure = await this.#failureOf(parcel.message);
    if (this.#closed) return;
    lane.busy = false;
    if (failure === undefined) {
      this.counts.delivered += 1;
      this.#finish(url, lane, parcel, this.#delivery('delivered', parcel.attempts));
      return;
    }
    if (failure.final || parcel.attempts >= mostAttempts) {
      this.counts.failed += 1;
      this.#log.warn('A webhook could not be told', {
        to: originOf(url),
        attempts: parcel.attempts,
        cause: failure.words,
      });
      this.#finish(url, lane, parcel, this.#delivery('failed', parcel.attempts, failure.words));
      return;
    }
    this.counts.retried += 1;
    parcel.done(this.#delivery('waiting', parcel.attempts, failure.words));
    lane.busy = true;
    lane.timer = this.#clock.after(backoffMs(policy, parcel.attempts - 1, this.#random), () => {
      lane.timer = undefined;
      void this.#attempt(url, lane, parcel);
    });
  }

  #finish(url: string, lane: Lane, parcel: Parcel, delivery: AlertDelivery): void {
    lane.parcels.shift();
    parcel.done(delivery);
    this.#next(url, lane);
  }

  async #failureOf(
    message: WebhookMessage,
  ): Promise<{ readonly final: boolean; readonly words: string } | undefined> {
    try {
      const { status } = await this.#webhooks.send(message, this.#clock.wallMs());
      return answerFailure(status);
    } catch (error) {
      const known = asGoshawkError(error, 'webhook-failed');
      return { final: known.code === 'webhook-refused', words: known.message };
    }
  }

  #delivery(state: AlertDelivery['state'], attempts: number, error?: string): AlertDelivery {
    const timeMs = this.#clock.wallMs();
    return { state, timeMs, attempts, ...(error === undefined ? {} : { error }) };
  }
}

/** Too early, too much and too busy pass; any other refusal is the receiver's last word. */
function answerFailure(status: number): { readonly final: boolean; readonly words: string } | undefined {
  if (status >= 200 && status < 300) return undefined;
  const passing = status >= 500 || [408, 425, 429].includes(status);
  const words =
    status >= 300 && status < 400
      ? `It answered ${status}; redirects are not followed.`
      : `It answered ${status}.`;
  return { final: !passing, words };
}
