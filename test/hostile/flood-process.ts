import { type Broker, startBroker } from '../../src/adapters/aedes/index.ts';
import { MqttjsTransport } from '../../src/adapters/mqttjs/index.ts';
import { SystemClock } from '../../src/adapters/system/index.ts';
import { silentLog } from '../../src/base/index.ts';
import { encodePayload, type MetricsBatch, topics } from '../../src/protocol/index.ts';
import { birth } from '../fakes/test-fleet.ts';

/*
 * A process of its own with the broker and a device that floods it as fast as it can, so that neither is counted as work
 * of the controller. Its parent says `start` (or `work`, to be as busy without sending) and `stop`.
 */

export interface FloodReport {
  readonly births: number;
  readonly events: number;
  readonly batches: number;
  readonly previews: number;
  readonly bytes: number;
  readonly refusedPreviews: number;
}

export const hostile = 'hostile';

const send = (message: unknown) => process.send?.(message);
const text = 'x'.repeat(1_900);
const data = Object.fromEntries(Array.from({ length: 29 }, (_, i) => [`k${i}`, text]));

class Flood {
  readonly #transport: MqttjsTransport;
  /** False: makes everything and sends nothing, which costs this machine as much. */
  readonly #sends: boolean;
  readonly #count = { births: 0, events: 0, batches: 0, previews: 0, bytes: 0, refusedPreviews: 0 };
  #running = true;

  constructor(url: string, sends: boolean) {
    this.#sends = sends;
    const ports = { clock: new SystemClock(), log: silentLog, random: Math.random };
    this.#transport = new MqttjsTransport(
      { url, clientId: hostile, username: hostile, password: 'secret' },
      ports,
    );
  }

  async run(): Promise<FloodReport> {
    this.#transport.start();
    let turn = 0;
    while (this.#running) {
      if (turn % 20 === 0) await this.#birth(turn);
      await Promise.all([this.#event(turn, data), this.#event(turn + 0.5, {}), this.#batch(turn)]);
      if (turn % 5 === 0) await this.#preview(turn);
      turn += 1;
    }
    await this.#transport.close();
    return this.#count;
  }

  stop(): void {
    this.#running = false;
  }

  /** Ever new names. */
  async #birth(turn: number): Promise<void> {
    const catalogue = Array.from({ length: 4096 }, (_, alias) => ({
      ...{ alias, name: `flood_${turn}_${alias}`, unit: '1', kind: 'gauge' as const },
    }));
    const payload = encodePayload('state', { ...birth, catalogue });
    if (await this.#publish(topics.state(hostile), payload, true)) this.#count.births += 1;
  }

  async #event(turn: number, data: Record<string, unknown>): Promise<void> {
    const payload = encodePayload('events', {
      ...{
        id: `flood-event-${turn}`,
        entry: Math.round(turn * 4),
        session: 1,
        timeMs: Date.now(),
        kind: 'flood.event',
      },
      ...{ severity: 'critical', message: 'A flood.', data },
    });
    if (await this.#publish(topics.events(hostile), payload)) this.#count.events += 1;
  }

  async #batch(turn: number): Promise<void> {
    const samples: MetricsBatch['samples'] = Array.from({ length: 2_000 }, (_, i) => [Date.now(), i, i / 7]);
    const payload = encodePayload('metrics', {
      ...{ session: 1, sequence: turn, entry: turn * 4 + 1, historical: false, samples },
    });
    if (await this.#publish(topics.metrics(hostile), payload)) this.#count.batches += 1;
  }

  async #preview(turn: number): Promise<void> {
    this.#count.previews += 1;
    const topic = topics.preview(hostile, `camera${turn}`);
    if (!(await this.#publish(topic, new Uint8Array(100_000), true))) this.#count.refusedPreviews += 1;
  }

  async #publish(topic: string, payload: Uint8Array, retain = false): Promise<boolean> {
    try {
      if (!this.#sends) {
        await new Promise((resolve) => setImmediate(resolve));
        return false;
      }
      await this.#transport.publish({ topic, payload, qos: 1, retain });
      this.#count.bytes += payload.byteLength;
      return true;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 1));
      return false;
    }
  }
}

let broker: Broker | undefined;
let flood: Flood | undefined;
process.on('message', async (message) => {
  if (message === 'broker') {
    const users = ['controller', 'honest', hostile].map((username) => ({
      ...{ username, password: 'secret' },
      role: username === 'controller' ? ('controller' as const) : ('device' as const),
    }));
    broker = await startBroker({ port: 0, users });
    send({ url: broker.url });
  } else if ((message === 'start' || message === 'work') && broker !== undefined) {
    flood = new Flood(broker.url, message === 'start');
    send({ report: await flood.run() });
  } else if (message === 'stop') flood?.stop();
});
process.on('disconnect', () => process.exit(0));
