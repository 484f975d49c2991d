import { request } from 'node:http';
import { MqttjsTransport } from '../../src/adapters/mqttjs/index.ts';
import { SystemClock } from '../../src/adapters/system/index.ts';
import { silentLog } from '../../src/base/index.ts';
import { decodeCall, encodePayload, topics } from '../../src/protocol/index.ts';
import { birth } from '../fakes/test-fleet.ts';
import { eventLoopOf, ownTimeOfAnswer, ownTimeOfWay, RunQueue, threadsOf } from './run-queue.ts';

/*
 * A process of its own beside an attack: an honest device that tells an event and a batch every 100 ms, and somebody who
 * asks for the controller's health on a new connection each time. `watch` begins, `report` ends and answers.
 */

export interface WitnessOrder {
  readonly broker: string;
  readonly password: string;
  readonly device: string;
  readonly url: string;
  /** The controller's process. */
  readonly pid: number;
}

export interface WitnessReport {
  /**
   * The slowest answer of `/healthz`: what the controller ran meanwhile, and not the time for which it was ready and other
   * processes had the processors.
   */
  readonly healthMs: number;
  readonly healthOnTheWallMs: number;
  /** What it answered beside 200. */
  readonly otherAnswers: readonly string[];
  /**
   * The longest wait for an acknowledgement, of entries sent meanwhile, less the longest time that one of those on the way
   * was ready and had no processor.
   */
  readonly waitMs: number;
  readonly waitOnTheWallMs: number;
  readonly sent: number;
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

class Witness {
  #order: WitnessOrder;
  #asked: RunQueue;
  #way: RunQueue;
  readonly #transport: MqttjsTransport;
  readonly #sent = new Map<number, { readonly atMs: number; readonly queue: ReturnType<RunQueue['now']> }>();
  readonly #acked = new Map<number, { readonly wallMs: number; readonly ownMs: number }>();
  #entry = 0;
  #running = false;
  #work: Promise<unknown> = Promise.resolve();
  #healthMs = 0;
  #healthOnTheWallMs = 0;
  #otherAnswers = new Set<string>();

  constructor(order: WitnessOrder) {
    this.#order = order;
    [this.#asked, this.#way] = queuesOf(order);
    const { broker: url, device, password } = order;
    this.#transport = new MqttjsTransport(
      { url, clientId: device, username: device, password },
      { clock: new SystemClock(), log: silentLog, random: Math.random },
    );
    this.#transport.subscribe(topics.call(device, '#'), 1);
    this.#transport.onMessage(({ topic, payload }) => {
      if (!topic.endsWith('/ack')) return;
      for (const entry of decodeCall('ack', payload, topic).entries) {
        const sent = this.#sent.get(entry);
        if (sent === undefined || this.#acked.has(entry)) continue;
        const wallMs = performance.now() - sent.atMs;
        this.#acked.set(entry, { wallMs, ownMs: ownTimeOfWay(wallMs, this.#way.since(sent.queue)) });
      }
    });
    this.#transport.start();
  }

  async begin(order: WitnessOrder): Promise<void> {
    this.#order = order;
    [this.#asked, this.#way] = queuesOf(order);
    while (this.#transport.status().state !== 'online') await sleep(20);
    await this.#publish(topics.state(this.#order.device), encodePayload('state', birth), true);
    this.#running = true;
    this.#healthMs = 0;
    this.#healthOnTheWallMs = 0;
    this.#otherAnswers = new Set();
    this.#sent.clear();
    this.#acked.clear();
    this.#work = Promise.all([this.#tell(), this.#askHealth()]);
  }

  async end(): Promise<WitnessReport> {
    this.#running = false;
    await this.#work;
    while ([...this.#sent.keys()].some((entry) => !this.#acked.has(entry))) await sleep(20);
    const waits = [...this.#acked.values()];
    return {
      healthMs: Math.round(this.#healthMs),
      healthOnTheWallMs: Math.round(this.#healthOnTheWallMs),
      otherAnswers: [...this.#otherAnswers],
      waitMs: Math.round(Math.max(0, ...waits.map(({ ownMs }) => ownMs))),
      waitOnTheWallMs: Math.round(Math.max(0, ...waits.map(({ wallMs }) => wallMs))),
      sent: this.#sent.size,
    };
  }

  async #tell(): Promise<void> {
    const { device } = this.#order;
    while (this.#running) {
      const timeMs = Date.now();
      const event = {
        ...{ id: `honest-${this.#entry}`, entry: this.#entry, session: 1, timeMs, kind: 'camera.lost' },
        ...{ severity: 'error' as const, message: 'The camera is gone.' },
      };
      await this.#entryOf(topics.events(device), encodePayload('events', event));
      const batch = {
        session: 1,
        sequence: Math.floor(this.#entry / 2),
        entry: this.#entry,
        historical: false,
      };
      const samples: [number, number, number][] = [[timeMs, 1, 30]];
      await this.#entryOf(topics.metrics(device), encodePayload('metrics', { ...batch, samples }));
      await sleep(100);
    }
  }

  async #entryOf(topic: string, payload: Uint8Array): Promise<void> {
    this.#sent.set(this.#entry, { atMs: performance.now(), queue: this.#way.now() });
    this.#entry += 1;
    await this.#publish(topic, payload, false);
  }

  async #publish(topic: string, payload: Uint8Array, retain: boolean): Promise<void> {
    await this.#transport.publish({ topic, payload, qos: 1, retain }).catch(() => {});
  }

  async #askHealth(): Promise<void> {
    while (this.#running) {
      const queue = this.#asked.now();
      const startedMs = performance.now();
      const answer = await health(this.#order.url);
      const wallMs = performance.now() - startedMs;
      this.#healthOnTheWallMs = Math.max(this.#healthOnTheWallMs, wallMs);
      this.#healthMs = Math.max(this.#healthMs, ownTimeOfAnswer(wallMs, this.#asked.since(queue)));
      if (answer !== '200') this.#otherAnswers.add(answer);
      await sleep(50);
    }
  }
}

/** Who answers a question about health, and who an entry and its acknowledgement meet: the parent has the broker. */
function queuesOf({ pid }: WitnessOrder): [RunQueue, RunQueue] {
  const own = eventLoopOf(process.pid);
  return [
    new RunQueue([eventLoopOf(pid), own]),
    new RunQueue([...threadsOf(pid), own, eventLoopOf(process.ppid)]),
  ];
}

function health(url: string): Promise<string> {
  return new Promise((resolve) => {
    const asking = request(`${url}/healthz`, { agent: false, timeout: 30_000 }, (response) => {
      response.resume();
      response.once('end', () => resolve(String(response.statusCode)));
      response.once('error', (error) => resolve(String(error)));
    });
    asking.once('timeout', () => asking.destroy(new Error('no answer in 30 s')));
    asking.once('error', (error) => resolve(String(error)));
    asking.end();
  });
}

let witness: Witness | undefined;
process.on('message', async (message: { readonly watch: WitnessOrder } | 'report') => {
  if (message === 'report') process.send?.(await witness?.end());
  else {
    witness ??= new Witness(message.watch);
    await witness.begin(message.watch);
    process.send?.('watching');
  }
});
process.on('disconnect', () => process.exit(0));
