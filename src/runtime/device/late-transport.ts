import { type Cancel, MissingError } from '../../base/index.ts';
import type {
  Message,
  MessageListener,
  Qos,
  SubscribeOptions,
  Transport,
  TransportStatus,
} from '../../protocol/index.ts';

/** A transport whose broker is not known yet: offline until `use`, and then that one. */
export class LateTransport implements Transport {
  readonly #why: () => string;
  readonly #statusListeners = new Set<(status: TransportStatus) => void>();
  readonly #messageListeners = new Set<MessageListener>();
  readonly #subscriptions: Parameters<Transport['subscribe']>[] = [];
  #inner: Transport | undefined;
  #started = false;
  #closed = false;

  /** `why` there is no broker yet, in words. */
  constructor(why: () => string) {
    this.#why = why;
  }

  /** Once. */
  use(transport: Transport): void {
    if (this.#inner !== undefined || this.#closed) return;
    this.#inner = transport;
    transport.onStatus((status) => {
      for (const listener of this.#statusListeners) listener(status);
    });
    // The next message waits for every listener of this one.
    transport.onMessage(async (message) => {
      await Promise.all([...this.#messageListeners].map((listener) => listener(message)));
    });
    for (const subscription of this.#subscriptions) transport.subscribe(...subscription);
    if (this.#started) transport.start();
  }

  start(): void {
    this.#started = true;
    this.#inner?.start();
  }

  status(): TransportStatus {
    return this.#inner?.status() ?? { state: 'offline', reason: this.#why() };
  }

  onStatus(listener: (status: TransportStatus) => void): Cancel {
    this.#statusListeners.add(listener);
    return () => this.#statusListeners.delete(listener);
  }

  onMessage(listener: MessageListener): Cancel {
    this.#messageListeners.add(listener);
    return () => this.#messageListeners.delete(listener);
  }

  subscribe(filter: string, qos: Qos, options?: SubscribeOptions): void {
    if (this.#inner === undefined)
      this.#subscriptions.push(options === undefined ? [filter, qos] : [filter, qos, options]);
    else this.#inner.subscribe(filter, qos, options);
  }

  async publish(message: Message): Promise<void> {
    if (this.#inner !== undefined) return this.#inner.publish(message);
    throw new MissingError('transport-offline', this.#why(), 'It enrols automatically as soon as it can.');
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#inner?.close();
  }
}
