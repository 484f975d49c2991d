import { type Cancel, MissingError } from '../../base/index.ts';
import type { Message, Qos, SubscribeOptions, Transport, TransportStatus } from '../../protocol/index.ts';

/** A transport whose broker is not known yet: offline until `use`, and then that one. */
export class LateTransport implements Transport {
  readonly #why: () => string;
  readonly #statusListeners = new Set<(status: TransportStatus) => void>();
  readonly #messageListeners = new Set<(message: Message) => void>();
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
    transport.onMessage((message) => {
      for (const listener of this.#messageListeners) listener(message);
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

  onMessage(listener: (message: Message) => void): Cancel {
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
    throw new MissingError('transport-offline', this.#why(), 'It is enrolled by itself when it can be.');
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#inner?.close();
  }
}
