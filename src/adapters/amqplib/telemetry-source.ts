import { type Channel, type ChannelModel, type ConsumeMessage, connect, credentials } from 'amqplib';
import { type Cancel, type Clock, describeError, type Log, ServerRotation } from '../../base/index.ts';
import {
  type TelemetryMessage,
  type TelemetrySource,
  type TransportStatus,
  telemetryQueues,
} from '../../protocol/index.ts';
import { priorityOf } from './shares.ts';

export interface AmqplibOptions {
  /** amqps://broker.example:5671 */
  readonly url: string;
  /** Further addresses of the same cluster; `ServerRotation` says which one is connected to. */
  readonly servers?: readonly string[];
  /** Another one for each process: the queues are shared out by it. */
  readonly clientId: string;
  readonly username?: string;
  readonly password?: string;
  readonly tls?: { readonly ca?: Pem; readonly cert?: Pem; readonly key?: Pem };
  readonly queues?: readonly string[];
}

type Pem = string | Uint8Array;

interface Ports {
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
}

type Listener = (message: TelemetryMessage) => Promise<void> | undefined;

/** Of one queue: so many are here and not settled. */
const prefetch = 250;
const connectMs = 15_000;
const heartbeatSeconds = 10;
const backoff = { firstMs: 500, maxMs: 30_000 };
const refusedBackoff = { firstMs: 30_000, maxMs: 300_000 };

/**
 * Telemetry from queues of AMQP 0-9-1, each with a single active consumer.
 *
 * INVARIANTS
 * - A message is acknowledged on the channel that it came by, or not at all: the broker then gives it again.
 * - After `close` no connection and no timer is left.
 */
export class AmqplibTelemetrySource implements TelemetrySource {
  readonly #options: AmqplibOptions;
  readonly #ports: Ports;
  #listener: Listener | undefined;
  #status: TransportStatus = { state: 'offline', reason: 'Not started.' };
  #connection: ChannelModel | undefined;
  #channel: Channel | undefined;
  readonly #rotation: ServerRotation;
  #onlineSinceMs: number | undefined;
  #retry: Cancel | undefined;
  #closed = false;

  constructor(options: AmqplibOptions, ports: Ports) {
    this.#options = options;
    this.#ports = ports;
    const { url, servers = [], clientId: client } = options;
    this.#rotation = new ServerRotation({
      ...{ servers: [url, ...servers], client, backoff, refusedBackoff, random: ports.random },
    });
  }

  start(): void {
    void this.#connect();
  }

  status(): TransportStatus {
    return this.#status;
  }

  onMessage(listener: Listener): Cancel {
    this.#listener = listener;
    return () => {
      this.#listener = undefined;
    };
  }

  /** What is here and not settled goes back to the broker, which gives it to another process. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#retry?.();
    const connection = this.#connection;
    this.#forget();
    this.#status = { state: 'offline', reason: 'Closed.' };
    await connection?.close().catch(() => {});
  }

  async #connect(): Promise<void> {
    this.#status = { state: 'connecting' };
    const { clientId, queues = telemetryQueues } = this.#options;
    const url = this.#rotation.server;
    let connection: ChannelModel | undefined;
    try {
      connection = await connect(withHeartbeat(url), this.#socket());
      if (this.#closed) {
        await connection.close();
        return;
      }
      this.#connection = connection;
      connection.on('error', (error: unknown) => this.#ended(connection, error));
      connection.on('close', () => this.#ended(connection, new Error('The broker closed the connection')));
      const channel = await connection.createChannel();
      this.#channel = channel;
      // The connection tells why it ended, and a channel that ended ends it.
      channel.on('error', (error: unknown) => this.#ended(connection, error));
      channel.on('close', () => this.#ended(connection, new Error('The broker closed the channel')));
      await channel.prefetch(prefetch);
      for (const queue of queues)
        await channel.consume(queue, (message) => this.#take(connection, channel, message), {
          consumerTag: `${clientId} ${queue}`,
          priority: priorityOf(clientId, queue),
        });
      if (this.#connection !== connection) return;
      this.#onlineSinceMs = this.#ports.clock.monotonicMs();
      this.#status = { state: 'online' };
      this.#ports.log.info('Takes telemetry from the queues of the broker', {
        ...{ url: this.#rotation.shown, queues: queues.length },
      });
    } catch (error) {
      if (connection === undefined) this.#later(error);
      else this.#ended(connection, error);
    }
  }

  #socket() {
    const { clientId, username, password, tls = {} } = this.#options;
    const bytes = (pem: Pem | undefined) => (pem === undefined ? undefined : Buffer.from(pem));
    return {
      ...{ timeout: connectMs, noDelay: true, keepAlive: true },
      ...{ ca: bytes(tls.ca), cert: bytes(tls.cert), key: bytes(tls.key) },
      credentials:
        username === undefined ? credentials.external() : credentials.plain(username, password ?? ''),
      clientProperties: { connection_name: clientId },
    };
  }

  #take(connection: ChannelModel | undefined, channel: Channel, message: ConsumeMessage | null): void {
    // The queue was deleted, or its leader is another node now.
    if (message === null) {
      this.#ended(connection, new Error('The broker cancelled a consumer'));
      return;
    }
    let isSettled = false;
    const settle = () => {
      if (isSettled || this.#channel !== channel) return;
      isSettled = true;
      channel.ack(message);
    };
    const topic = message.fields.routingKey.replaceAll('.', '/');
    // How many are here at a time the broker limits, by what is settled.
    void this.#listener?.({ topic, payload: message.content, qos: 1, retain: false, settle });
  }

  #ended(connection: ChannelModel | undefined, error: unknown): void {
    if (connection === undefined || this.#connection !== connection) return;
    this.#forget();
    connection.close().catch(() => {});
    this.#later(error);
  }

  #forget(): void {
    this.#connection = undefined;
    this.#channel = undefined;
  }

  #later(error: unknown): void {
    if (this.#closed) return;
    const { clock, log } = this.#ports;
    const reason = describeError(error);
    const remedy = remedyOf(reason);
    const url = this.#rotation.shown;
    const since = this.#onlineSinceMs;
    this.#onlineSinceMs = undefined;
    const next = this.#rotation.next({
      ...{ reason, isRefused: remedy !== undefined },
      ...(since === undefined ? {} : { onlineMs: clock.monotonicMs() - since }),
    });
    const retryMs = next.waitMs;
    if (remedy === undefined) log.warn('No connection to the queues of the broker', { url, reason, retryMs });
    else log.error('The broker refused this process', { url, reason, remedy, retryMs });
    this.#status =
      remedy === undefined
        ? { state: 'offline', reason: next.reason }
        : { state: 'refused', reason: next.reason, remedy };
    this.#retry?.();
    if (retryMs === 0) void this.#connect();
    else this.#retry = clock.after(retryMs, () => void this.#connect());
  }
}

function withHeartbeat(text: string): string {
  const url = new URL(text);
  url.searchParams.set('heartbeat', `${heartbeatSeconds}`);
  return url.href;
}

/** What a person can do where trying again does not help. */
function remedyOf(reason: string): string | undefined {
  if (/404|NOT_FOUND|NOT-FOUND/.test(reason))
    return 'Make the queues: print the settings of the broker again (goshawk broker config --for rabbitmq) and run permissions.sh.';
  if (/403|ACCESS[_-]REFUSED|ECONNRESET during handshake/.test(reason))
    return 'Give this process its account: name it in devices.brokerClients and run permissions.sh of goshawk broker config.';
  return undefined;
}
