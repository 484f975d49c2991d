import {
  type Backoff,
  backoffMs,
  type Cancel,
  describeError,
  MissingError,
  RefusedError,
} from '../../base/index.ts';
import type {
  Message,
  MessageListener,
  Qos,
  SubscribeOptions,
  Transport,
  TransportStatus,
} from '../../protocol/index.ts';
import { Connection, type Subscription } from './connection.ts';
import { defaults, type MqttjsOptions, type MqttjsPorts } from './options.ts';
import { type Refusal, refusalOf } from './refusal.ts';

/** A connection that lasted this long counts as good. */
const stableMs = 10_000;

/**
 * The port over mqtt.js.
 *
 * INVARIANTS
 * - At most one Connection lives; events of an older one are ignored.
 * - `online` is told only after every subscription was sent on the new connection.
 * - Nothing is kept for later: a publish settles on the connection it began on.
 * - After `close` no timer and no socket is left.
 */
export class MqttjsTransport implements Transport {
  readonly #options: MqttjsOptions;
  readonly #ports: MqttjsPorts;
  readonly #address: string;
  readonly #statusListeners = new Set<(status: TransportStatus) => void>();
  readonly #messageListeners = new Set<MessageListener>();
  readonly #filters = new Map<string, Subscription>();
  #status: TransportStatus = { state: 'offline', reason: 'Not started.' };
  #connection: Connection | undefined;
  #attempt = 0;
  #retry: Cancel | undefined;
  #onlineSinceMs: number | undefined;
  #started = false;
  #closed = false;

  constructor(options: MqttjsOptions, ports: MqttjsPorts) {
    this.#options = options;
    this.#ports = ports;
    this.#address = withoutSecrets(options.url);
  }

  start(): void {
    if (this.#started || this.#closed) return;
    this.#started = true;
    this.#connect();
  }

  status(): TransportStatus {
    return this.#status;
  }

  onStatus(listener: (status: TransportStatus) => void): Cancel {
    this.#statusListeners.add(listener);
    return () => this.#statusListeners.delete(listener);
  }

  onMessage(listener: MessageListener): Cancel {
    this.#messageListeners.add(listener);
    return () => this.#messageListeners.delete(listener);
  }

  subscribe(filter: string, qos: Qos, options: SubscribeOptions = {}): void {
    const subscription = { ...options, qos };
    this.#filters.set(filter, subscription);
    if (this.#status.state === 'online') this.#subscribeOn(this.#connection, filter, subscription);
  }

  async publish(message: Message): Promise<void> {
    if (this.#status.state === 'online' && this.#connection !== undefined)
      return this.#connection.publish(message);
    if (this.#status.state === 'refused')
      throw new RefusedError('transport-refused', this.#status.reason, this.#status.remedy);
    throw new MissingError(
      'transport-offline',
      `There is no connection to the broker at ${this.#address}.`,
      'Goshawk retries automatically. Check that the broker is running and reachable.',
    );
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#retry?.();
    const connection = this.#connection;
    this.#connection = undefined;
    this.#tell({ state: 'offline', reason: 'Closed.' });
    await connection?.close(2000);
  }

  #connect(): void {
    this.#retry = undefined;
    if (this.#status.state !== 'refused') this.#tell({ state: 'connecting' });
    const own: { connection?: Connection } = {};
    const current = () => own.connection !== undefined && own.connection === this.#connection;
    try {
      own.connection = new Connection(this.#options, {
        online: () => {
          if (current()) this.#online(own.connection);
        },
        isSubscribed: () => this.#filters.size > 0,
        message: (message) => (current() ? this.#deliver(message) : undefined),
        ended: (error) => {
          if (current()) this.#ended(error);
        },
      });
      this.#connection = own.connection;
    } catch (error) {
      // mqtt.js throws at once for an address or a key that it can't read.
      const reason = `The connection to the broker can't be set up: ${describeError(error)}.`;
      this.#refused({
        reason,
        remedy: 'Check the address of the broker and the files of certificate and key.',
      });
    }
  }

  #online(connection: Connection | undefined): void {
    this.#onlineSinceMs = this.#ports.clock.monotonicMs();
    if (connection?.sharesSubscriptions === false && [...this.#filters.keys()].some(isShared)) {
      this.#connection = undefined;
      void connection.close(2000);
      this.#refused(noShares);
      return;
    }
    for (const [filter, subscription] of this.#filters) this.#subscribeOn(connection, filter, subscription);
    this.#ports.log.info('Connected to the broker', { url: this.#address });
    this.#tell({ state: 'online' });
  }

  #subscribeOn(connection: Connection | undefined, filter: string, subscription: Subscription): void {
    connection?.subscribe(filter, subscription, (reason) =>
      this.#ports.log.error('The broker refused a subscription; check its access list', { filter, reason }),
    );
  }

  #ended(error: Error & { code?: unknown }): void {
    this.#connection = undefined;
    // Two clients with one id throw each other out for ever; only a connection that lasted starts the back-off anew.
    const lastedMs = this.#ports.clock.monotonicMs() - (this.#onlineSinceMs ?? Number.POSITIVE_INFINITY);
    if (lastedMs >= stableMs) this.#attempt = 0;
    this.#onlineSinceMs = undefined;
    const refusal = refusalOf(error);
    if (refusal !== undefined) {
      this.#refused(refusal);
      return;
    }
    const retryMs = this.#retryLater(this.#options.backoff ?? defaults.backoff);
    this.#ports.log.warn('No connection to the broker', { reason: describeError(error), retryMs });
    this.#tell({ state: 'offline', reason: describeError(error) });
  }

  #refused(refusal: Refusal): void {
    const retryMs = this.#retryLater(this.#options.refusedBackoff ?? defaults.refusedBackoff);
    this.#ports.log.error(refusal.reason, { remedy: refusal.remedy, retryMs });
    this.#tell({ state: 'refused', ...refusal });
  }

  #retryLater(policy: Backoff): number {
    const delayMs = backoffMs(policy, this.#attempt++, this.#ports.random);
    this.#retry = this.#ports.clock.after(delayMs, () => this.#connect());
    return delayMs;
  }

  #deliver(message: Message): Promise<void> | undefined {
    const waits: Promise<void>[] = [];
    for (const listener of this.#messageListeners)
      try {
        const wait = listener(message);
        if (wait !== undefined) waits.push(wait);
      } catch (error) {
        this.#ports.log.error('A receiver failed on a message', { topic: message.topic, error });
      }
    return waits.length === 0 ? undefined : Promise.allSettled(waits).then(() => {});
  }

  #tell(status: TransportStatus): void {
    this.#status = status;
    for (const listener of this.#statusListeners) listener(status);
  }
}

const noShares: Refusal = {
  reason:
    'The broker has no shared subscriptions, so processes with the role ingest can’t share its messages.',
  remedy:
    'Use a broker that has them, for example Mosquitto 2. At RabbitMQ give ingest.broker an amqps:// address.',
};

function isShared(filter: string): boolean {
  return filter.startsWith('$share/');
}

/** The address as it may stand in a log. */
function withoutSecrets(url: string): string {
  return url.replace(/\/\/[^/@]*@/, '//');
}
