import type { Clock, Log } from '../base/index.ts';
import type { StreamCounts } from './counts.ts';
import { DeliveryQueue } from './delivery-queue.ts';
import type { Outgoing, Outlet } from './outlet.ts';

export interface WebhookOutletOptions {
  readonly stream: string;
  readonly device: string;
  /** Results in one request at most. */
  readonly batch: number;
  /** Results that wait while the receiver is away or slow. */
  readonly queue: number;
  readonly everySeconds: number;
  /** Resolves when the receiver took it; a RefusedError is its last word. `id`: the same for each try of a batch. */
  readonly post: (body: string, id: string) => Promise<unknown>;
  readonly newId: () => string;
  readonly counts: StreamCounts;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
}

interface Item {
  readonly bytes: number;
  readonly text: string;
}

const maxBytes = 8_000_000;
const attempts = 6;

/** Results to a server by POST, several in one. */
export class WebhookOutlet implements Outlet {
  readonly #options: WebhookOutletOptions;
  readonly #queue: DeliveryQueue<Item>;
  /** Of the batch that is under way. */
  #id: { readonly of: readonly Item[]; readonly id: string } | undefined;

  constructor(options: WebhookOutletOptions) {
    const { batch: maxBatch, queue: maxMessages, everySeconds, counts, clock, log, random } = options;
    this.#options = options;
    this.#queue = new DeliveryQueue({
      ...{ maxMessages, maxBytes, maxBatch, lingerMs: everySeconds * 1000, counts, clock, log },
      retry: { attempts, backoff: { firstMs: 1_000, maxMs: 30_000 }, random },
      deliver: (items) => this.#post(items),
    });
  }

  take({ text }: Outgoing): void {
    this.#queue.offer({ bytes: text.length, text });
  }

  room(): Promise<void> {
    return this.#queue.room();
  }

  close(graceMs: number): Promise<void> {
    return this.#queue.close(graceMs);
  }

  async #post(items: readonly Item[]): Promise<void> {
    const { stream, device, post, newId } = this.#options;
    if (this.#id?.of !== items) this.#id = { of: items, id: newId() };
    const { id } = this.#id;
    const about = JSON.stringify({ id, device, stream });
    const body = `${about.slice(0, -1)},"results":[${items.map(({ text }) => text).join(',')}]}`;
    await post(body, id);
  }
}
