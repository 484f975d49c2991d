import { type Cancel, type Clock, encodeUtf8, type Log } from '../../base/index.ts';
import type { Message, Transport, TransportStatus } from '../../protocol/index.ts';
import type { StreamCounts } from '../counts.ts';
import { DeliveryQueue } from '../delivery-queue.ts';
import type { Outgoing, Outlet } from '../outlet.ts';
import { DurableQueue, type DurableStore } from './durable-queue.ts';
import type { HomeAssistant } from './home-assistant.ts';
import { RetainedBoard } from './retained-board.ts';
import type { StreamTopics } from './stream-topics.ts';

/** Results that wait for a slow broker: newer ones take their place. */
const liveQueue = { maxMessages: 64, maxBytes: 4_000_000 };

export interface MqttOutletOptions {
  readonly transport: Transport;
  readonly topics: StreamTopics;
  readonly homeAssistant?: HomeAssistant;
  /** Absent: at most once, and what can't leave now is left out. */
  readonly durable?: DurableStore;
  /** Larger results are left out. */
  readonly maxMessageBytes?: number;
  readonly counts: StreamCounts;
  readonly clock: Clock;
  readonly log: Log;
}

/** Results to a broker; its connection is its own. */
export class MqttOutlet implements Outlet {
  readonly #options: MqttOutletOptions;
  readonly #queue: DeliveryQueue<{ readonly bytes: number; readonly outgoing: Outgoing }>;
  readonly #durable: DurableQueue | undefined;
  readonly #board: RetainedBoard;
  readonly #cancel: Cancel;
  /** The first connection came up, or could not. */
  #tried = false;
  readonly #waiting: (() => void)[] = [];

  constructor(options: MqttOutletOptions) {
    const { transport, counts, clock, log, durable } = options;
    const publish = (message: Message) => transport.publish(message);
    this.#options = options;
    this.#queue = new DeliveryQueue({
      ...{ ...liveQueue, counts, clock, log },
      deliver: async ([one]) => {
        if (one !== undefined)
          await publish(this.#message(one.outgoing.message.camera, one.outgoing.text, 0));
      },
    });
    this.#durable =
      durable &&
      new DurableQueue(durable, {
        ...{ counts, clock, log },
        publish: (camera, text) => publish(this.#message(camera, text, 1)),
      });
    this.#board = new RetainedBoard(publish, log);
    this.#cancel = transport.onStatus(({ state }) => this.#status(state));
  }

  async open(): Promise<void> {
    await this.#durable?.open();
    this.#options.transport.start();
  }

  take(outgoing: Outgoing): void {
    const { maxMessageBytes = liveQueue.maxBytes, counts, homeAssistant, clock } = this.#options;
    const { message, text } = outgoing;
    if (homeAssistant !== undefined) this.#board.set(homeAssistant.result(message, clock.monotonicMs()));
    if (text.length > maxMessageBytes) counts.leaveOut('size');
    else if (this.#durable !== undefined) this.#durable.offer(message.camera, text);
    else this.#queue.offer({ bytes: text.length, outgoing });
  }

  camera(camera: string, there: boolean): void {
    const { homeAssistant } = this.#options;
    if (homeAssistant !== undefined) this.#board.set(homeAssistant.camera(camera, there));
  }

  /** A recording waits for the first connection too, as long as it is being made. */
  async room(): Promise<void> {
    while (!this.#tried) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    await this.#queue.room();
  }

  async close(graceMs: number): Promise<void> {
    const { transport, topics, homeAssistant } = this.#options;
    await Promise.all([this.#queue.close(graceMs), this.#durable?.close(graceMs)]);
    if (homeAssistant !== undefined && transport.status().state === 'online') {
      this.#board.set([{ topic: topics.connection, payload: 'offline' }]);
      const late = new Promise<void>((resolve) => this.#options.clock.after(graceMs, resolve));
      await Promise.race([this.#board.flushed(), late]);
    }
    this.#cancel();
    await transport.close();
  }

  #status(state: TransportStatus['state']): void {
    if (state !== 'connecting') this.#tried = true;
    if (this.#tried) for (const resolve of this.#waiting.splice(0)) resolve();
    const online = state === 'online';
    const { topics, homeAssistant } = this.#options;
    if (homeAssistant !== undefined) {
      if (online) this.#board.set([{ topic: topics.connection, payload: 'online' }]);
      this.#board.online(online);
    }
    this.#durable?.online(online);
  }

  #message(camera: string, text: string, qos: 0 | 1): Message {
    const topic = this.#options.topics.results(camera);
    return { topic, payload: encodeUtf8(text), qos, retain: false, contentType: 'application/json' };
  }
}
