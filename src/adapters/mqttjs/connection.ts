import mqtt, { type IClientOptions, type IConnackPacket, type IPublishPacket, type MqttClient } from 'mqtt';
import { defined, LimitError, RefusedError } from '../../base/index.ts';
import type { Message, Qos, SubscribeOptions } from '../../protocol/index.ts';
import { defaults, type MqttjsOptions, type TlsOptions } from './options.ts';
import { PacketGuard } from './packet-guard.ts';
import { Window } from './window.ts';

export interface Subscription extends SubscribeOptions {
  readonly qos: Qos;
}

export interface ConnectionEvents {
  online(): void;
  /** Whether the broker may send messages. */
  isSubscribed(): boolean;
  /** The next one is read when the promise has ended. */
  message(message: Message): Promise<void> | undefined;
  /** The end of this connection, once; `error` when it never came up or broke. */
  ended(error: Error & { code?: unknown }): void;
}

/** Reason code of a DISCONNECT of MQTT 5, section 3.14.2.1. */
const sessionTakenOver = 0x8e;

/** One network connection. mqtt.js's own reconnect and its stores are left out: what can't be sent now must fail now. */
export class Connection {
  readonly #client: MqttClient;
  readonly #events: ConnectionEvents;
  #window = new Window(0);
  #maximumPacketSize = Number.POSITIVE_INFINITY;
  #shares = true;
  /** mqtt.js keeps publishes under way for a session that lives on and never calls them back; we do. */
  readonly #underWay = new Set<(error: Error) => void>();
  #lastError: (Error & { code?: unknown }) | undefined;
  #online = false;
  #ended = false;

  /** To `server`, one of the addresses of the options. */
  constructor(server: string, options: MqttjsOptions, events: ConnectionEvents) {
    this.#events = events;
    this.#client = mqtt.connect(server, clientOptions(options));
    this.#client.on('connect', (packet) => this.#connected(packet));
    this.#client.on('error', (error) => {
      this.#lastError = error;
    });
    // mqtt.js swallows what TLS says after the handshake, for example that our certificate is not wanted.
    this.#client.stream.on('error', (error) => {
      this.#lastError ??= error;
    });
    this.#guard(
      new PacketGuard(options.maximumPacketSize ?? defaults.maximumPacketSize, events.isSubscribed),
    );
    this.#client.on('disconnect', (packet) => {
      this.#lastError = new Error(
        packet.reasonCode === sessionTakenOver
          ? `Another client connected to the broker with the client id ${options.clientId}`
          : `The broker ended the connection: ${packet.properties?.reasonString ?? `reason ${packet.reasonCode}`}`,
      );
    });
    // Nothing is read, and the broker gets no acknowledgement, before `done` is called.
    this.#client.handleMessage = (packet, done) => {
      const wait = events.message(messageOf(packet));
      if (wait === undefined) done();
      else
        void wait.then(() => {
          if (!this.#ended) done();
        });
    };
    this.#client.on('close', () => this.#end());
  }

  /** The broker has shared subscriptions; one that has none takes them without a word and sends nothing. */
  get sharesSubscriptions(): boolean {
    return this.#shares;
  }

  subscribe(
    filter: string,
    { qos, retainAsPublished = false }: Subscription,
    refused: (reason: string) => void,
  ): void {
    this.#client.subscribe(filter, { qos, rap: retainAsPublished }, (error, granted) => {
      const code = granted?.[0]?.qos ?? 0;
      if (!this.#online || this.#ended) return;
      if (error) refused(error.message);
      else if (code >= 128) refused(`reason ${code}`);
    });
  }

  async publish(message: Message): Promise<void> {
    // The fixed header, the topic's length and the properties are at most this much more than topic and payload.
    const size = message.payload.byteLength + message.topic.length + 512;
    if (size > this.#maximumPacketSize)
      throw new LimitError(
        'message-too-large',
        `A message of ${size} bytes for ${message.topic} is above the broker's limit of ${this.#maximumPacketSize}.`,
        'Raise the maximum packet size of the broker.',
      );
    if (message.qos > 0) await this.#window.enter();
    try {
      await this.#send(message);
    } finally {
      if (message.qos > 0) this.#window.leave();
    }
  }

  /** Says goodbye, so that the broker forgets session and will. */
  close(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const force = setTimeout(() => this.#client.end(true, {}, () => resolve()), timeoutMs);
      this.#client.end(false, { reasonCode: 0, properties: { sessionExpiryInterval: 0 } }, () => {
        clearTimeout(force);
        this.#end();
        resolve();
      });
    });
  }

  #guard(guard: PacketGuard): void {
    const { stream } = this.#client;
    const look = (bytes: Uint8Array) => {
      try {
        guard.push(bytes);
      } catch (error) {
        stream.off('data', look);
        this.#lastError = error as Error;
        stream.destroy();
      }
    };
    stream.on('data', look);
  }

  #connected(packet: IConnackPacket): void {
    const properties = packet.properties ?? {};
    this.#window = new Window(properties.receiveMaximum ?? 65_535);
    this.#maximumPacketSize = properties.maximumPacketSize ?? Number.POSITIVE_INFINITY;
    this.#shares = properties.sharedSubscriptionAvailable ?? true;
    this.#online = true;
    this.#events.online();
  }

  #send(message: Message): Promise<void> {
    const { contentType, responseTopic, correlationData, expirySeconds } = message;
    return new Promise((resolve, reject) => {
      this.#underWay.add(reject);
      this.#client.publish(
        message.topic,
        Buffer.from(message.payload.buffer, message.payload.byteOffset, message.payload.byteLength),
        {
          qos: message.qos,
          retain: message.retain,
          properties: {
            ...defined({ contentType, responseTopic }),
            ...(correlationData === undefined ? {} : { correlationData: Buffer.from(correlationData) }),
            ...(expirySeconds === undefined ? {} : { messageExpiryInterval: Math.ceil(expirySeconds) }),
          },
        },
        (error) => {
          this.#underWay.delete(reject);
          if (error) reject(publishError(error, message.topic));
          else resolve();
        },
      );
    });
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#online = false;
    const error = this.#lastError ?? new Error('The connection to the broker was lost.');
    this.#window.close(error);
    for (const fail of this.#underWay) fail(error);
    this.#underWay.clear();
    this.#client.end(true);
    this.#events.ended(error);
  }
}

function publishError(error: Error & { code?: unknown }, topic: string): Error {
  if (typeof error.code !== 'number' || error.code < 128) return error;
  return new RefusedError(
    'publish-refused',
    `The broker rejected a message on ${topic}: ${error.message}.`,
    "Check the broker's access list: a device may publish below its own root.",
    { cause: error },
  );
}

function messageOf(packet: IPublishPacket): Message {
  const { topic, payload } = packet;
  const { contentType, responseTopic, correlationData, messageExpiryInterval } = packet.properties ?? {};
  return {
    topic,
    payload: typeof payload === 'string' ? Buffer.from(payload) : payload,
    qos: packet.qos === 0 ? 0 : 1,
    retain: packet.retain,
    ...defined({ contentType, responseTopic, correlationData, expirySeconds: messageExpiryInterval }),
  };
}

function clientOptions(options: MqttjsOptions): IClientOptions {
  const { servers = [], tls, username, password } = options;
  // A session is at one node: RabbitMQ refuses a client whose session is on a node that is down, and over a bridge a delayed
  // will comes after the birth at another node. So with several addresses none is kept, and the will is sent at once.
  const isOneOfSeveral = servers.length > 0;
  const will = options.will && { ...options.will, ...(isOneOfSeveral ? { delaySeconds: 0 } : {}) };
  const keepsSession = will !== undefined && !isOneOfSeveral;
  // A will waits out its delay only while the session lives, and a clean start would end the session and let it fly.
  const sessionExpiryInterval = keepsSession ? Math.ceil(will.delaySeconds) + 60 : 0;
  return {
    protocolVersion: 5,
    clientId: options.clientId,
    clean: !keepsSession,
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
    keepalive: options.keepaliveSeconds ?? defaults.keepaliveSeconds,
    reschedulePings: true,
    connectTimeout: options.connectTimeoutMs ?? defaults.connectTimeoutMs,
    properties: {
      sessionExpiryInterval,
      receiveMaximum: options.receiveMaximum ?? defaults.receiveMaximum,
      maximumPacketSize: options.maximumPacketSize ?? defaults.maximumPacketSize,
    },
    ...defined({ username, password }),
    ...(tls === undefined ? {} : tlsOptions(typeof tls === 'function' ? tls() : tls)),
    ...(will === undefined
      ? {}
      : {
          will: {
            topic: will.topic,
            payload: Buffer.from(will.payload),
            qos: 1,
            retain: true,
            properties: { willDelayInterval: Math.ceil(will.delaySeconds) },
          },
        }),
  };
}

function tlsOptions(tls: TlsOptions): IClientOptions {
  const bytes = (value: string | Uint8Array) => (typeof value === 'string' ? value : Buffer.from(value));
  return {
    rejectUnauthorized: true,
    ...(tls.ca === undefined ? {} : { ca: bytes(tls.ca) }),
    ...(tls.cert === undefined ? {} : { cert: bytes(tls.cert) }),
    ...(tls.key === undefined ? {} : { key: bytes(tls.key) }),
    ...defined({ servername: tls.servername }),
  };
}
