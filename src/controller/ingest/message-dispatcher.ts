import { asGoshawkError, type Cancel, type Clock, type RateLimitedLog } from '../../base/index.ts';
import {
  controllerSubscriptions,
  type Decoded,
  decodeMessage,
  type Message,
  type Place,
  parseTopic,
  type Transport,
} from '../../protocol/index.ts';
import { unverifiedDesired } from '../../trust/index.ts';
import type { Counters } from '../counters.ts';
import type { DesiredStateSync } from '../desired/desired-state-sync.ts';
import type { RetainedPublisher } from '../desired/retained-publisher.ts';
import type { EventBus } from '../event-bus.ts';
import type { DeviceRegistry } from '../fleet/device-registry.ts';
import type { Guard } from '../guard.ts';
import type { MessageQuota } from '../quotas/message-quota.ts';
import type { PreviewSessions } from '../rpc/preview-sessions.ts';
import type { RpcClient } from '../rpc/rpc-client.ts';
import type { TrustService } from '../trust/trust-service.ts';
import type { AckBatcher } from './ack-batcher.ts';
import { Inbox } from './inbox.ts';
import type { MessageHandler } from './message-handler.ts';
import { refusedEntry } from './refused-entry.ts';

export interface MessageDispatcherPorts {
  readonly transport: Transport;
  readonly bus: EventBus;
  readonly handler: MessageHandler;
  readonly registry: DeviceRegistry;
  readonly sync: DesiredStateSync;
  readonly rpc: RpcClient;
  readonly previews: PreviewSessions;
  readonly acks: AckBatcher;
  readonly counters: Counters;
  readonly guard: Guard;
  readonly clock: Clock;
  readonly quota: MessageQuota;
  readonly retained: RetainedPublisher;
  readonly trust: Pick<TrustService, 'isSealed'> | undefined;
  readonly rateLimitedLog: RateLimitedLog;
  /** False where ingest processes take metrics and events. */
  readonly takesTelemetry: boolean;
}

/** What a device says of itself. */
type Said = Exclude<Decoded, { kind: 'call' | 'desired' | 'preview' | 'response' | 'results' }>;

/**
 * Decodes every message of the broker and gives it to the part of the controller that it is for.
 *
 * INVARIANT. No message of a device can throw out of here, or hold the event loop for long.
 */
export class MessageDispatcher {
  readonly #ports: MessageDispatcherPorts;
  readonly #inbox: Inbox;
  #unsubscribe: Cancel | undefined;

  constructor(ports: MessageDispatcherPorts) {
    this.#ports = ports;
    const { guard, clock, bus } = ports;
    // A defect of ours must not stop the other devices.
    this.#inbox = new Inbox(clock, (message) =>
      guard.run('handle a message', () => this.#handleOne(message), { topic: message.topic }),
    );
    bus.on('retainedArrived', () => void this.#workOnRetained());
  }

  start(): void {
    const { transport, takesTelemetry } = this.#ports;
    for (const { filter, qos, options } of controllerSubscriptions({ ingest: takesTelemetry }))
      transport.subscribe(filter, qos, options);
    this.#unsubscribe = transport.onMessage((message) => this.#dispatch(message));
  }

  /** Resolves when the broker may send more; undefined: at once. */
  #dispatch(message: Message): Promise<void> | undefined {
    const { counters, guard } = this.#ports;
    counters.messages += 1;
    // An empty payload only clears what the broker retained.
    if (message.payload.byteLength === 0) return undefined;
    let wait: Promise<void> | undefined;
    guard.run(
      'take a message',
      () => {
        const [, , device = ''] = message.topic.split('/');
        if (this.#isWanted(device, message)) wait = this.#inbox.take(device, message);
      },
      { topic: message.topic },
    );
    return wait;
  }

  /** Resolves when everything that came before was worked on. */
  flush(): Promise<void> {
    return this.#inbox.flush();
  }

  forgetDevice(device: string): void {
    this.#inbox.forgetDevice(device);
  }

  close(): void {
    this.#unsubscribe?.();
    this.#inbox.close();
  }

  /** What the broker retained may still wait for its turn. */
  async #workOnRetained(): Promise<void> {
    const { transport, bus } = this.#ports;
    await this.#inbox.flush();
    if (transport.status().state === 'online') bus.emit('brokerSettled');
  }

  /** Decided when it comes: what nobody takes must not wait for its turn. */
  #isWanted(device: string, message: Message): boolean {
    const { topic, retain } = message;
    const kind = topic.split('/')[3];
    if (retain && kind === 'preview') {
      this.#clearPreview(device, topic);
      return false;
    }
    const place = parseTopic(topic);
    return place === undefined || this.#wanted(place, message);
  }

  #handleOne(message: Message): void {
    let decoded: Decoded;
    try {
      const isOrder = parseTopic(message.topic)?.kind === 'desired';
      decoded = decodeMessage(message.topic, isOrder ? unverifiedDesired(message.payload) : message.payload);
    } catch (cause) {
      this.#refuse(message, cause);
      return;
    }
    this.#route(decoded, message);
  }

  /** Decided before decoding, which is the main cost of a message that is not accepted. */
  #wanted(place: Place, message: Message): boolean {
    const { counters, clock, quota, rpc, previews } = this.#ports;
    const nowMs = clock.monotonicMs();
    switch (place.kind) {
      case 'call':
      case 'results':
        return false;
      case 'desired':
        return true;
      case 'response': {
        const wanted = rpc.expects(place.device, message.correlationData);
        if (!wanted) counters.unasked += 1;
        return wanted;
      }
      case 'preview': {
        const wanted = previews.wants(place.device, place.camera, nowMs);
        if (!wanted) counters.unasked += 1;
        return wanted;
      }
      default: {
        const { device, kind } = place;
        const exceeded = quota.exceeded(device, { bytes: message.payload.byteLength, kind }, nowMs);
        if (exceeded === undefined) return true;
        this.#ports.bus.emit('quotaExceeded', device, exceeded);
        if (kind === 'state') this.#ports.handler.missedBirth(device);
        return false;
      }
    }
  }

  /** Live pictures are for those who watch now: one that the broker keeps only takes its memory. */
  #clearPreview(device: string, topic: string): void {
    const { retained, bus } = this.#ports;
    retained.clear(topic);
    bus.emit('quotaExceeded', device, { what: 'retained-previews', limit: 0, count: 1 });
  }

  #route(decoded: Decoded, message: Message): void {
    const { registry, sync, rpc, previews, trust } = this.#ports;
    switch (decoded.kind) {
      case 'call':
      case 'results':
        return;
      case 'response':
        rpc.respond(decoded.device, message.correlationData, decoded.payload);
        return;
      case 'preview':
        previews.relay(decoded.device, decoded.camera, decoded.payload);
        return;
      case 'desired': {
        const device = registry.get(decoded.device);
        const { generation } = decoded.payload;
        if (device === undefined) registry.rememberGenerations(decoded.device, [generation]);
        else sync.sawRetained(device, generation, trust?.isSealed(message.payload));
        return;
      }
      default:
        this.#handle(decoded, message);
    }
  }

  /** What a device says of itself: it makes the device known, and is a sign of life unless the broker retained it. */
  #handle(decoded: Said, message: Message): void {
    const { handler, bus } = this.#ports;
    const device = handler.deviceOf(decoded.device);
    if (device === undefined) return;
    const wasOnline = device.online;
    if (!message.retain) handler.markSeen(device);
    switch (decoded.kind) {
      case 'metrics':
        handler.metrics(device, decoded.payload);
        break;
      case 'events':
        handler.event(device, decoded.payload, message.payload.byteLength);
        break;
      case 'reported':
        handler.reported(device, decoded.payload);
        break;
      case 'state':
        if (decoded.payload.online) handler.birth(device, decoded.payload);
        else handler.death(device, decoded.payload);
        break;
      default:
        decoded satisfies never;
    }
    bus.emit('deviceChanged', device.id, wasOnline && decoded.kind === 'metrics');
  }

  #refuse(message: Message, cause: unknown): void {
    const { counters, rateLimitedLog, acks } = this.#ports;
    counters.malformed += 1;
    const error = asGoshawkError(cause, 'payload-invalid');
    const [, , device = '', kind = ''] = message.topic.split('/');
    rateLimitedLog.warn(`malformed ${device} ${kind}`, error.message, { code: error.code });
    // What can never be read is acknowledged, or it would be sent for ever and hold up the rest.
    const entry = refusedEntry(message);
    if (entry !== undefined) acks.add([entry]);
  }
}
