import { BoundedMap } from './bounded-map.ts';
import type { ExceededQuota, Quotas } from './quotas.ts';
import { TokenBucket } from './token-bucket.ts';

interface Buckets {
  readonly messages: TokenBucket;
  readonly bytes: TokenBucket;
  readonly events: TokenBucket;
}

const minuteMs = 60_000;

/** How much every device may send: a minute's worth at once, and then at the same rate. */
export class MessageQuota {
  readonly #devices: BoundedMap<Buckets>;

  constructor({ messagesPerMinute, bytesPerMinute, eventsPerMinute }: Quotas, maxDevices: number) {
    this.#devices = new BoundedMap(
      maxDevices,
      (nowMs) => ({
        messages: new TokenBucket(messagesPerMinute, minuteMs, nowMs),
        bytes: new TokenBucket(bytesPerMinute, minuteMs, nowMs),
        events: new TokenBucket(eventsPerMinute, minuteMs, nowMs),
      }),
      (buckets, nowMs) => Object.values(buckets).every((bucket) => bucket.full(nowMs)),
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
    if (!messages.has(1, nowMs)) return { what: 'messages', limit: messages.capacity, count: 1 };
    if (!bytes.has(message.bytes, nowMs))
      return { what: 'bytes', limit: bytes.capacity, count: message.bytes };
    if (message.event && !events.spend(1, nowMs)) return { what: 'events', limit: events.capacity, count: 1 };
    messages.spend(1, nowMs);
    bytes.spend(message.bytes, nowMs);
    return undefined;
  }

  forgetDevice(device: string): void {
    this.#devices.forget(device);
  }
}
