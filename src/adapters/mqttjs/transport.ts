import { type Cancel, describeError, MissingError, RefusedError, ServerRotation } from '../../base/index.ts';
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

/**
 * The port over mqtt.js.
 *
 * INVARIANTS
 * - At most one Connection lives; events of an older one are ignored. `ServerRotation` says to which address, and when.
 * - `online` is told only after every subscription was sent on the new connection.
 * - Nothing is kept for later: a publish settles on the connection it began on.
 * - After `close` no timer and no socket is left.
 */
export class MqttjsTransport implements Transport {
  readonly #options: MqttjsOptions;
  readonly #ports: MqttjsPorts;
  readonly #rotation: ServerRotation;
  readonly #statusListeners = new Set<(status: TransportStatus) => void>();
  readonly #messageListeners = new Set<MessageListener>();
  readonly #filters = new Map<string, Subscription>();
  #status: TransportStatus = { state: 'offline', reason: 'Not started.' };
  #connection: Connection | undefined;
  #retry: Cancel | undefined;
  #onlineSinceMs: number | undefined;
  #started = false;
  #closed = false;

  constructor(options: MqttjsOptions, ports: MqttjsPorts) {
    this.#options = options;
    this.#ports = ports;
    const { url, servers = [], clientId: client } = options;
    this.#rotation = new ServerRotation({
      ...{ servers: [url, ...servers], client, random: ports.random },
      backoff: options.backoff ?? defaults.backoff,
      refusedBackoff: options.refusedBackoff ?? defaults.refusedBackoff,
    });
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
      `There is no connection to the broker at ${this.#rotation.allShown}.`,
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
    if (this.#status.state === 'offline') this.#tell({ state: 'connecting' });
    const own: { connection?: Connection } = {};
    const current = () => own.connection !== undefined && own.connection === this.#connection;
    try {
      own.connection = new Connection(this.#rotation.server, this.#options, {
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
    this.#ports.log.info('Connected to the broker', { url: this.#rotation.shown });
    this.#tell({ state: 'online' });
  }

  #subscribeOn(connection: Connection | undefined, filter: string, subscription: Subscription): void {
    connection?.subscribe(filter, subscription, (reason) =>
      this.#ports.log.error('The broker refused a subscription; check its access list', { filter, reason }),
    );
  }

  #ended(error: Error & { code?: unknown }): void {
    this.#connection = undefined;
    const refusal = refusalOf(error);
    if (refusal !== undefined) {
      this.#refused(refusal);
      return;
    }
    const url = this.#rotation.shown;
    const reason = describeError(error);
    const next = this.#next({ reason });
    if (next.waitMs === 0) {
      this.#ports.log.warn('No connection to the broker', { url, reason, next: this.#rotation.shown });
      this.#connect();
      return;
    }
    this.#ports.log.warn('No connection to the broker', { url, reason, retryMs: next.waitMs });
    this.#tell({ state: 'offline', reason: next.reason });
  }

  #refused({ reason, remedy }: Refusal): void {
    const url = this.#rotation.shown;
    const next = this.#next({ reason, isRefused: true });
    this.#ports.log.error(reason, { url, remedy, retryMs: next.waitMs });
    this.#tell({ state: 'refused', reason: next.reason, remedy });
  }

  /** The next attempt; one that is due at once is for the caller to begin. */
  #next(end: { readonly reason: string; readonly isRefused?: boolean }) {
    const { clock } = this.#ports;
    const since = this.#onlineSinceMs;
    this.#onlineSinceMs = undefined;
    const next = this.#rotation.next({
      ...end,
      ...(since === undefined ? {} : { onlineMs: clock.monotonicMs() - since }),
    });
    if (next.waitMs > 0) this.#retry = clock.after(next.waitMs, () => this.#connect());
    return next;
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
