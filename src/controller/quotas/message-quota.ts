import type { TopicFrom } from '../../protocol/index.ts';
import { BoundedMap } from './bounded-map.ts';
import { defaultQuotas, type ExceededQuota, type Quotas } from './quotas.ts';
import { TokenBucket } from './token-bucket.ts';

interface Buckets {
  readonly messages: TokenBucket;
  readonly bytes: TokenBucket;
  readonly events: TokenBucket;
  readonly births: TokenBucket;
}

/** So much time's worth may come at once: a birth and a report with it, and no flood. */
const burstMs = 5_000;

/** How much every device may send: five seconds' worth at once, and then at the same rate. */
export class MessageQuota {
  readonly #maxDevices: number;
  #quotas: Quotas;
  #devices: BoundedMap<Buckets>;

  constructor(quotas: Quotas, maxDevices: number) {
    this.#maxDevices = maxDevices;
    this.#quotas = quotas;
    this.#devices = fullBuckets(quotas, maxDevices);
  }

  /** Other limits: what was spent before them is forgotten, which is five seconds' worth. */
  reconfigure({ quotas }: { readonly quotas: Partial<Quotas> }): void {
    this.#quotas = { ...defaultQuotas, ...quotas };
    this.#devices = fullBuckets(this.#quotas, this.#maxDevices);
  }

  get size(): number {
    return this.#devices.size;
  }

  /** Counts a message; or says what its device has too much of, and then the message counts for nothing. */
  exceeded(
    device: string,
    message: { readonly bytes: number; readonly kind: TopicFrom<'device'> },
    nowMs: number,
  ): ExceededQuota | undefined {
    const { messages, bytes, events, births } = this.#devices.get(device, nowMs);
    const over = (what: ExceededQuota['what'], limit: number, count = 1) => ({ what, limit, count });
    const { messagesPerMinute, bytesPerMinute, eventsPerMinute, birthsPerMinute } = this.#quotas;
    if (!messages.has(1, nowMs)) return over('messages', messagesPerMinute);
    if (!bytes.has(message.bytes, nowMs)) return over('bytes', bytesPerMinute, message.bytes);
    if (message.kind === 'events' && !events.spend(1, nowMs)) return over('events', eventsPerMinute);
    if (message.kind === 'state' && !births.spend(1, nowMs)) return over('births', birthsPerMinute);
    messages.spend(1, nowMs);
    bytes.spend(message.bytes, nowMs);
    return undefined;
  }

  forgetDevice(device: string): void {
    this.#devices.forget(device);
  }
}

function fullBuckets(quotas: Quotas, maxDevices: number): BoundedMap<Buckets> {
  const bucket = (perMinute: number, nowMs: number) =>
    new TokenBucket((perMinute * burstMs) / 60_000, burstMs, nowMs);
  return new BoundedMap(
    maxDevices,
    (nowMs) => ({
      messages: bucket(quotas.messagesPerMinute, nowMs),
      bytes: bucket(quotas.bytesPerMinute, nowMs),
      events: bucket(quotas.eventsPerMinute, nowMs),
      births: bucket(quotas.birthsPerMinute, nowMs),
    }),
    ({ messages, bytes, events, births }, nowMs) =>
      messages.full(nowMs) && bytes.full(nowMs) && events.full(nowMs) && births.full(nowMs),
  );
}
