import type { Cancel } from '../base/index.ts';

export type Qos = 0 | 1;

/** One message as MQTT 5 carries it. */
export interface Message {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: Qos;
  /** Of a message that came: the broker had it before the subscription, or see `SubscribeOptions`. */
  readonly retain: boolean;
  /** `application/json`, `application/cbor`, `image/jpeg`. */
  readonly contentType?: string;
  readonly responseTopic?: string;
  readonly correlationData?: Uint8Array;
  /** The broker drops the message when nobody took it within this time. */
  readonly expirySeconds?: number;
}

export type MessageListener = (message: Message) => Promise<void> | undefined | void;

export interface SubscribeOptions {
  /** `retain` of a message that comes is as its sender set it, also when it comes at once. */
  readonly retainAsPublished?: boolean;
}

export type TransportStatus =
  | { readonly state: 'connecting' }
  | { readonly state: 'online' }
  | { readonly state: 'offline'; readonly reason: string }
  /** The broker refused us; trying again with the same credentials is useless, but the transport goes on slowly. */
  | { readonly state: 'refused'; readonly reason: string; readonly remedy: string };

/**
 * Port: a connection to the broker that looks after itself. It reconnects with back-off, keeps subscriptions and
 * never queues: what can't be sent now rejects, and the outbox keeps it. Promises: test/contract/transport.ts.
 */
export interface Transport {
  /** Connects in the background; returns at once. */
  start(): void;
  status(): TransportStatus;
  onStatus(listener: (status: TransportStatus) => void): Cancel;
  /** Nothing more is given before the promise of a listener ends; the broker keeps it (flow control of MQTT 5, 4.9). */
  onMessage(listener: MessageListener): Cancel;
  /** Kept over reconnects. MQTT wildcards are allowed. */
  subscribe(filter: string, qos: Qos, options?: SubscribeOptions): void;
  /** Resolves when the broker has it (QoS 1: PUBACK); rejects when offline or refused. */
  publish(message: Message): Promise<void>;
  /** Disconnects properly, so that the will is not sent. */
  close(): Promise<void>;
}

/** What the broker publishes for a device that vanished. */
export interface Will {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly delaySeconds: number;
}
