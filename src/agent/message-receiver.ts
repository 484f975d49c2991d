import { type Clock, describeError, GoshawkError, type Log, RateLimitedLog } from '../base/index.ts';
import { decodeMessage, type Message, parseTopic, type TopicFrom } from '../protocol/index.ts';
import type { MetricsCollector } from './metrics-collector.ts';
import type { Reconciler } from './reconciler.ts';
import type { RpcServer } from './rpc-server.ts';
import { CallOpener } from './trust/call-opener.ts';
import { OrderOpener } from './trust/order-opener.ts';
import type { TrustGate } from './trust/ports.ts';

export interface MessageReceiverPorts {
  readonly device: string;
  readonly session: number;
  readonly trust: TrustGate;
  readonly rpc: RpcServer;
  readonly reconciler: Pick<Reconciler, 'take' | 'refusedOrder'>;
  readonly metrics: Pick<MetricsCollector, 'refusedPayload'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Takes what the broker brings to whom it is for: orders, once they are out of their envelopes, and calls. */
export class MessageReceiver {
  readonly #ports: MessageReceiverPorts;
  readonly #orders: OrderOpener;
  readonly #calls: CallOpener;
  /** Whoever may publish to the device can make it refuse as often as he likes. */
  readonly #refusals: RateLimitedLog;

  constructor(ports: MessageReceiverPorts) {
    this.#ports = ports;
    this.#refusals = new RateLimitedLog(ports.log, ports.clock);
    const refuse = (message: Message, error: unknown) => this.#refuse(message, error);
    this.#orders = new OrderOpener({
      ...ports,
      take: (message, authority) => this.#take(message, { authority }),
      refuse,
    });
    this.#calls = new CallOpener({ ...ports, take: (message, id) => this.#take(message, { id }), refuse });
  }

  receive(message: Message): void {
    const place = parseTopic(message.topic);
    const isOurs = place?.device === this.#ports.device;
    if (place?.kind === 'call' && isOurs) this.#calls.open(message);
    else if (place?.kind === 'desired' && message.payload.byteLength > 0) {
      if (isOurs) this.#orders.open(message);
    } else this.#take(message);
  }

  /** `authority`: whose generations an order counts in. `id`: of a call that is signed. */
  #take(
    message: Message,
    { authority, id }: { readonly authority?: string | undefined; readonly id?: string | undefined } = {},
  ): void {
    const { device, rpc, reconciler } = this.#ports;
    try {
      const decoded = decodeMessage(message.topic, message.payload);
      if (decoded.device !== device) return;
      switch (decoded.kind) {
        case 'call':
          void rpc.take(decoded, message, id);
          break;
        case 'desired':
          reconciler.take(decoded.payload, authority);
          break;
        default:
          decoded satisfies { kind: TopicFrom<'device'> };
      }
    } catch (error) {
      this.#refuse(message, error);
    }
  }

  #refuse(message: Message, error: unknown): void {
    const { metrics, rpc, reconciler } = this.#ports;
    const kind = parseTopic(message.topic)?.kind ?? 'unknown';
    metrics.refusedPayload(kind);
    if (kind === 'desired') reconciler.refusedOrder();
    this.#refusals.warn(kind, 'A payload was refused', {
      topic: message.topic,
      reason: describeError(error),
    });
    // Who asked gets the answer to the first one.
    const isAnswered = kind === 'call' && error instanceof GoshawkError && error.code !== 'call-again';
    if (isAnswered) void rpc.refuse(message, error);
  }
}
