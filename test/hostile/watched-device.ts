import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type Broker, startBroker } from '../../src/adapters/aedes/index.ts';
import { MqttjsTransport } from '../../src/adapters/mqttjs/index.ts';
import { SystemClock } from '../../src/adapters/system/index.ts';
import { silentLog } from '../../src/base/index.ts';
import {
  type CallMethod,
  type CallResponse,
  type DeviceEvent,
  decodePayload,
  encodePayload,
  type Message,
  type Reported,
  topics,
} from '../../src/protocol/index.ts';
import { DeviceRuntime } from '../../src/runtime/device/device-runtime.ts';
import { readAgentSettings } from '../../src/runtime/settings/agent-file.ts';
import { RecordingLog } from '../fakes/recording-log.ts';
import { FakeRegistry } from '../fixtures/fake-registry.ts';

const clock = new SystemClock();
const patienceMs = 60_000;

/** Waits for what must happen on a machine of any speed. */
export async function until<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
): Promise<T> {
  const endMs = clock.monotonicMs() + patienceMs;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (clock.monotonicMs() > endMs) throw new Error(`It did not happen: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** As it came: with a code where it was refused. */
type CallAnswer = CallResponse & { readonly code?: string };

/** A fleet of one: a real broker, and somebody who hears all, acknowledges all, and orders. */
export class Watcher {
  readonly broker: Broker;
  readonly events: DeviceEvent[] = [];
  reported: Reported | undefined;
  readonly sessions: number[] = [];
  /** Pictures that came. */
  previews = 0;
  readonly #answers = new Map<string, CallAnswer>();
  readonly #transport: MqttjsTransport;

  private constructor(broker: Broker) {
    this.broker = broker;
    this.#transport = new MqttjsTransport(
      { url: broker.url, clientId: 'controller', tls: {} },
      { clock, log: silentLog, random: Math.random },
    );
    this.#transport.subscribe('goshawk/1/#', 1);
    this.#transport.onMessage((message) => this.#hear(message));
    this.#transport.start();
  }

  static async start(): Promise<Watcher> {
    const watcher = new Watcher(await startBroker({ port: 0 }));
    onTestFinished(async () => {
      await watcher.#transport.close();
      await watcher.broker.close();
    });
    return watcher;
  }

  kinds(): string[] {
    return this.events.map(({ kind }) => kind);
  }

  event(kind: string): Promise<DeviceEvent> {
    return until(`the event ${kind}; there were ${this.kinds().join(', ')}`, () =>
      this.events.find((event) => event.kind === kind),
    );
  }

  serves(digest: string | undefined): Promise<Reported> {
    return until(`${digest} serves`, () => {
      const { reported } = this;
      return reported !== undefined && reported.slots.main?.loaded?.digest === digest ? reported : undefined;
    });
  }

  order(desired: object): Promise<void> {
    return this.publish(encodePayload('desired', { timeMs: Date.now(), generation: 1, ...desired }));
  }

  /** On the topic of its orders. */
  async publish(payload: Uint8Array): Promise<void> {
    await this.#transport.publish({ topic: topics.desired('cam-1'), payload, qos: 1, retain: true });
  }

  /** Whoever the broker lets calls the device; with what it answers. */
  async call(method: CallMethod, payload: Uint8Array, id: string): Promise<CallAnswer> {
    this.#answers.delete(id);
    await this.#transport.publish({
      ...{ topic: topics.call('cam-1', method), payload, qos: 1, retain: false },
      ...{ responseTopic: topics.response('cam-1'), correlationData: new TextEncoder().encode(id) },
    });
    return until(`the call ${id} is answered`, () => this.#answers.get(id));
  }

  #hear({ topic, payload, correlationData }: Message): void {
    if (payload.length === 0) return;
    if (topic.includes('/preview/')) this.previews += 1;
    if (topic.endsWith('/response'))
      this.#answers.set(new TextDecoder().decode(correlationData), decodePayload('response', payload, topic));
    if (topic.endsWith('/events')) {
      const event = decodePayload('events', payload, topic);
      this.events.push(event);
      void this.#acknowledge(event.entry);
    } else if (topic.endsWith('/metrics')) {
      void this.#acknowledge(decodePayload('metrics', payload, topic).entry);
    } else if (topic.endsWith('/reported')) {
      this.reported = decodePayload('reported', payload, topic);
    } else if (topic.endsWith('/state')) {
      const state = decodePayload('state', payload, topic);
      if (state.online) this.sessions.push(state.session);
    }
  }

  async #acknowledge(entry: number): Promise<void> {
    const payload = new TextEncoder().encode(JSON.stringify({ entries: [entry] }));
    await this.#transport
      .publish({ topic: topics.call('cam-1', 'ack'), payload, qos: 1, retain: false })
      .catch(() => {});
  }
}

export interface WatchedDevice {
  readonly runtime: DeviceRuntime;
  readonly log: RecordingLog;
  close(): Promise<void>;
}

/** The agent's program without its process, with one camera of drawn pictures. */
export async function startDevice(base: string, settings: object): Promise<WatchedDevice> {
  const file = join(base, 'agent.json');
  writeFileSync(
    file,
    JSON.stringify({
      device: 'cam-1',
      engine: 'onnxruntime-node',
      probationSeconds: 0,
      metricsEverySeconds: 1,
      cameras: { front: { source: 'sim', fps: 2 } },
      ...settings,
    }),
  );
  const log = new RecordingLog();
  const runtime = new DeviceRuntime({ ...(await readAgentSettings(file)), device: 'cam-1' }, { clock, log });
  let closed: Promise<void> | undefined;
  const close = () => (closed ??= runtime.close());
  onTestFinished(close);
  await runtime.start();
  return { runtime, log, close };
}

/** A bundle's folder in a registry: what to order, and the settings that name where it is. */
export async function serveBundle(folder: string) {
  const registry = await new FakeRegistry().start();
  onTestFinished(() => registry.close());
  return { model: await registry.addFolder(folder), artifacts: { registry: registry.url } };
}
