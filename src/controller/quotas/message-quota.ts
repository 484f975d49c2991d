import { BoundedMap } from './bounded-map.ts';
import type { ExceededQuota, Quotas } from './quotas.ts';
import { TokenBucket } from './token-bucket.ts';

interface Buckets {
  readonly messages: TokenBucket;
  readonly bytes: TokenBucket;
  readonly events: TokenBucket;
}

/** So much time's worth may come at once: a birth and a report with it, and no flood. */
const burstMs = 10_000;

/** How much every device may send: ten seconds' worth at once, and then at the same rate. */
export class MessageQuota {
  readonly #quotas: Quotas;
  readonly #devices: BoundedMap<Buckets>;

  constructor(quotas: Quotas, maxDevices: number) {
    this.#quotas = quotas;
    const bucket = (perMinute: number, nowMs: number) =>
      new TokenBucket((perMinute * burstMs) / 60_000, burstMs, nowMs);
    this.#devices = new BoundedMap(
      maxDevices,
      (nowMs) => ({
        messages: bucket(quotas.messagesPerMinute, nowMs),
        bytes: bucket(quotas.bytesPerMinute, nowMs),
        events: bucket(quotas.eventsPerMinute, nowMs),
      }),
      ({ messages, bytes, events }, nowMs) => messages.full(nowMs) && bytes.full(nowMs) && events.full(nowMs),
    );
  }

  get size(): number {
    return this.#devices.size;
  }

  /** Counts a message; or says what its device has too much of, and then the message counts for nothing. */
  exceeded(
    device: string,
    message: { readonly bytes: number; readonly event: boolean },
    nowMs: number,
  ): ExceededQuota | undefined {
    const { messages, bytes, events } = this.#devices.get(device, nowMs);
    if (!messages.has(1, nowMs)) return { what: 'messages', limit: this.#quotas.messagesPerMinute, count: 1 };
    if (!bytes.has(message.bytes, nowMs))
      return { what: 'bytes', limit: this.#quotas.bytesPerMinute, count: message.bytes };
    if (message.event && !events.spend(1, nowMs))
      return { what: 'events', limit: this.#quotas.eventsPerMinute, count: 1 };
    messages.spend(1, nowMs);
    bytes.spend(message.bytes, nowMs);
    return undefined;
  }

  forgetDevice(device: string): void {
    this.#devices.forget(device);
  }
}
