import { readFileSync } from 'node:fs';
import { MqttjsTransport } from '../../src/adapters/mqttjs/index.ts';
import { SystemClock } from '../../src/adapters/system/index.ts';
import { silentLog } from '../../src/base/index.ts';
import { type CatalogueEntry, encodePayload, topics } from '../../src/protocol/index.ts';
import { birth } from '../fakes/test-fleet.ts';
import { benchBatch } from './ingest-load.ts';

export interface LoadShape {
  readonly devices: number;
  /** Of each device; each has a sample every second. */
  readonly catalogue: readonly CatalogueEntry[];
  /** Seconds in a batch. */
  readonly batchSeconds: number;
}

/** Devices behind one connection to a broker: births, batches at their rate, and how long each waits for its acknowledgement. */
export class FleetLoad {
  /** Milliseconds from sending to the acknowledgement. */
  readonly delays: number[] = [];
  /** Batches. */
  sent = 0;
  readonly #shape: LoadShape;
  readonly #transport: MqttjsTransport;
  readonly #waiting = new Map<string, number>();
  #payload: Uint8Array;
  #payloadOf = 0;

  constructor(url: string, shape: LoadShape) {
    this.#shape = shape;
    this.#payload = benchBatch(shape.catalogue, shape.batchSeconds, 0, Date.now());
    this.#transport = new MqttjsTransport(
      { url, clientId: 'bench', receiveMaximum: 1000 },
      { clock: new SystemClock(), log: silentLog, random: Math.random },
    );
    this.#transport.onMessage(({ topic, payload }) => {
      const device = topic.split('/')[2];
      const { entries } = JSON.parse(new TextDecoder().decode(payload)) as { entries: number[] };
      for (const entry of entries) {
        const sentMs = this.#waiting.get(`${device}/${entry}`);
        if (sentMs === undefined || !this.#waiting.delete(`${device}/${entry}`)) continue;
        this.delays.push(performance.now() - sentMs);
      }
    });
  }

  get samples(): number {
    return this.sent * this.#shape.batchSeconds * this.#shape.catalogue.length;
  }

  async connect(): Promise<void> {
    this.#transport.subscribe('goshawk/1/+/call/ack', 1);
    this.#transport.start();
    while (this.#transport.status().state !== 'online') await pause(20);
  }

  async births(): Promise<void> {
    const state = encodePayload('state', { ...birth, catalogue: [...this.#shape.catalogue] });
    for (let device = 0; device < this.#shape.devices; device++)
      await this.#transport.publish({
        ...{ topic: topics.state(`bench-${device}`), payload: state, qos: 1, retain: true },
      });
  }

  /** As many batches as are due, for so long. */
  async run(seconds: number): Promise<void> {
    const { devices, batchSeconds } = this.#shape;
    const perSecond = devices / batchSeconds;
    const begin = performance.now();
    const before = this.sent;
    while (performance.now() - begin < seconds * 1000) {
      const due = before + Math.floor(((performance.now() - begin) / 1000) * perSecond);
      for (; this.sent < due; this.#send()) this.#encode(perSecond);
      await pause(20);
    }
  }

  /** A batch of each device that ends at this time, as fast as they are acknowledged: at most `window` wait. */
  async round(endMs: number, window = 500): Promise<void> {
    const { devices, catalogue, batchSeconds } = this.#shape;
    this.#payload = benchBatch(catalogue, batchSeconds, this.sent / devices, endMs);
    for (let device = 0; device < devices; device++) {
      while (this.#waiting.size >= window) await pause(1);
      this.#send();
    }
    await this.acknowledged();
  }

  /** Resolves when nothing waits. */
  async acknowledged(): Promise<void> {
    while (this.#waiting.size > 0) await pause(20);
  }

  close(): Promise<void> {
    return this.#transport.close();
  }

  /** The content is encoded anew four times in a second. */
  #encode(perSecond: number): void {
    const { devices, catalogue, batchSeconds } = this.#shape;
    const round = Math.floor(this.sent / devices);
    if (this.sent - this.#payloadOf <= perSecond / 4 && round === Math.floor(this.#payloadOf / devices))
      return;
    this.#payload = benchBatch(catalogue, batchSeconds, round, Date.now());
    this.#payloadOf = this.sent;
  }

  #send(): void {
    const { devices } = this.#shape;
    const device = `bench-${this.sent % devices}`;
    this.#waiting.set(`${device}/${Math.floor(this.sent / devices)}`, performance.now());
    this.sent += 1;
    const topic = topics.metrics(device);
    void this.#transport.publish({ topic, payload: this.#payload, qos: 1, retain: false });
  }
}

/** Processor seconds of a process so far, all threads. */
export function cpuSecondsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
    .map(Number);
  return ((fields[11] ?? 0) + (fields[12] ?? 0)) / 100;
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
