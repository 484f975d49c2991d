/**
 * Load of a whole fleet on the controller, without a broker: `npm run bench -- ingest [--devices 10000] [--metrics 60]
 * [--seconds 30] [--batch 10] [--period 1] [--store sqlite|postgres]`. Every device sends a batch of `batch` samples of `metrics`
 * values, one each `period` seconds, spread evenly; one device sends an event every second. Meanwhile the API is asked what a
 * dashboard asks, and an open stream of updates waits for the events. Prints what was asked for and what was reached; where the
 * controller keeps up, "behind" stays near 0. With `postgres` a private cluster is started, syncs what it commits, and its
 * processor time is counted too. `--json` prints the numbers in one more line.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { PostgresStore } from '../../src/adapters/postgres/index.ts';
import { SqliteStore } from '../../src/adapters/sqlite/index.ts';
import { ServerSentEventParser } from '../../src/dashboard/api/server-sent-events.ts';
import { encodePayload, type Message, metricNames, topics } from '../../src/protocol/index.ts';
import { birth } from '../fakes/test-fleet.ts';
import { PostgresServer } from '../fixtures/postgres-server.ts';
import { BenchController } from './bench-controller.ts';
import { pause } from './fleet-load.ts';
import { benchBatch, benchCatalogue } from './ingest-load.ts';

const { values } = parseArgs({
  options: {
    devices: { type: 'string', default: '10000' },
    metrics: { type: 'string', default: '60' },
    seconds: { type: 'string', default: '30' },
    batch: { type: 'string', default: '10' },
    period: { type: 'string', default: '1' },
    store: { type: 'string', default: 'sqlite' },
    json: { type: 'boolean', default: false },
  },
});
const devices = Number(values.devices);
const metrics = Number(values.metrics);
const seconds = Number(values.seconds);
const batchSamples = Number(values.batch);
const periodSeconds = Number(values.period);

const catalogue = benchCatalogue(metrics);
const batchOf = (sequence: number, endMs: number) =>
  benchBatch(catalogue, batchSamples, sequence, endMs, periodSeconds);

let acks = 0;
const folder = mkdtempSync(join(tmpdir(), 'goshawk-bench-'));
const file = join(folder, 'fleet.db');
const server = values.store === 'postgres' ? await PostgresServer.start({ durable: true }) : undefined;
const store =
  server === undefined
    ? await SqliteStore.open({ file })
    : await PostgresStore.open({ address: server.address });
const bench = await BenchController.start(store, ({ topic }) => {
  if (topic.endsWith('/call/ack')) acks += 1;
});
const { controller, url } = bench;
const headers = await bench.headers('viewer');
const listener = (message: Message) => bench.receive(message);
const state = encodePayload('state', { ...birth, catalogue });
const births = performance.now();
for (let device = 0; device < devices; device++)
  listener({ topic: topics.state(`bench-${device}`), payload: state, qos: 1, retain: true });
await controller.flush();
console.log(`${devices} births in ${Math.round(performance.now() - births)} ms`);

const perSecond = devices / (batchSamples * periodSeconds);
const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();
const cpu = process.cpuUsage();
const serverCpu = server?.cpuSeconds() ?? 0;
const begin = performance.now();
const answers: number[] = [];
let sent = 0;
let spentEncoding = 0;
let payload = batchOf(0, Date.now());
let payloadOf = 0;
let nextQuestion = 1_000;
const questions: Promise<void>[] = [];
const eventSentMs = new Map<string, number>();
const eventDelays: number[] = [];
/** Megabytes, every second. */
const memory: number[] = [];
let events = 0;
let nextSecond = 0;

let streams = 0;
/** As an open dashboard does: how long after it was sent each event is there. A stream that was cut off is opened again. */
async function watchEvents(): Promise<void> {
  while (!stop.signal.aborted) {
    streams += 1;
    await readStream().catch(() => undefined);
  }
}
async function readStream(): Promise<void> {
  const response = await fetch(`${url}/stream`, { headers, signal: stop.signal });
  const parser = new ServerSentEventParser();
  const decoder = new TextDecoder();
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>)
    for (const { event, data } of parser.push(decoder.decode(chunk, { stream: true }))) {
      if (event !== 'event') continue;
      const sentMs = eventSentMs.get((JSON.parse(data) as { id: string }).id);
      if (sentMs !== undefined) eventDelays.push(performance.now() - sentMs);
    }
}
const nextTurn = () => new Promise((resolve) => setImmediate(resolve));
const stop = new AbortController();
const watching = watchEvents();

function sendEvent(): void {
  const id = `bench-event-${events++}`;
  eventSentMs.set(id, performance.now());
  const fields = { kind: 'camera.lost', severity: 'info', message: 'Gone.' } as const;
  const event = { id, entry: 1_000_000 + events, session: 1, timeMs: Date.now(), ...fields };
  const payload = encodePayload('events', event);
  listener({ topic: topics.events('bench-0'), payload, qos: 1, retain: false });
}

while (performance.now() - begin < seconds * 1000) {
  const due = Math.floor(((performance.now() - begin) / 1000) * perSecond);
  for (let burst = 0; sent < due && burst < 25; burst++, sent++) {
    const round = Math.floor(sent / devices);
    if (sent - payloadOf > perSecond / 4 || round !== Math.floor(payloadOf / devices)) {
      const start = performance.now();
      payload = batchOf(round, Date.now());
      payloadOf = sent;
      spentEncoding += performance.now() - start;
    }
    listener({ topic: topics.metrics(`bench-${sent % devices}`), payload, qos: 1, retain: false });
  }
  if (performance.now() - begin > nextSecond) {
    nextSecond += 1_000;
    memory.push(process.memoryUsage.rss() / 1e6);
    sendEvent();
  }
  if (performance.now() - begin > nextQuestion) {
    nextQuestion += 500;
    questions.push(ask());
  }
  // Only what is late is sent in turns of the event loop without a wait, which would be work.
  await (sent < ((performance.now() - begin) / 1000) * perSecond - 25 ? nextTurn() : pause(1));
}
/** In turns: the list, the sums of the fleet, an hour of one device and of all. */
async function ask(): Promise<void> {
  const toMs = Date.now();
  const hour = `name=${metricNames.latency}&from=${toMs - 3_600_000}&to=${toMs}&step=60000`;
  const paths = [
    '/devices?limit=100',
    '/fleet',
    `/devices/bench-${answers.length % devices}/metrics?${hour}`,
    `/fleet/metrics?${hour}`,
  ];
  const start = performance.now();
  const response = await fetch(`${url}${paths[answers.length % paths.length]}`, { headers });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  await response.arrayBuffer();
  answers.push(performance.now() - start);
}
await Promise.all(questions);
const took = (performance.now() - begin) / 1000;
const behind = Math.max(0, Math.round(perSecond * took) - sent);
const flushing = performance.now();
await controller.flush();
const flushed = performance.now() - flushing;
const used = process.cpuUsage(cpu);
const usedByServer = (server?.cpuSeconds() ?? 0) - serverCpu;
delay.disable();

const bytes =
  server === undefined ? statSync(file).size + statSync(`${file}-wal`).size : await store.sizeBytes();
const quantile = (of: readonly number[], q: number) =>
  Math.round([...of].sort((a, b) => a - b)[Math.min(of.length - 1, Math.floor(q * of.length))] ?? 0);
console.log(
  `asked for   ${Math.round(perSecond)} batches/s, ${Math.round(perSecond * batchSamples * metrics)} samples/s`,
);
console.log(
  `reached     ${Math.round(sent / took)} batches/s, ${Math.round((sent * batchSamples * metrics) / took)} samples/s over ${took.toFixed(1)} s`,
);
console.log(
  `behind      ${behind} batches at the end; last flush ${Math.round(flushed)} ms; acks sent ${acks}`,
);
console.log(
  `processor   ${((used.user + used.system) / 1e6 / took).toFixed(2)} cores, all threads, load generator included (${(spentEncoding / 1000 / took).toFixed(2)} encoding)`,
);
const samples = sent * batchSamples * metrics;
const ownSeconds = (used.user + used.system) / 1e6 - spentEncoding / 1000;
console.log(
  `per sample  ${((ownSeconds * 1e6) / samples).toFixed(2)} us here without encoding, ${((usedByServer * 1e6) / samples).toFixed(2)} us in the database server, ${(((ownSeconds + usedByServer) * 1e6) / samples).toFixed(2)} us together`,
);
console.log(
  `event loop  p50 ${(delay.percentile(50) / 1e6).toFixed(1)} ms, p99 ${(delay.percentile(99) / 1e6).toFixed(1)} ms`,
);
console.log(
  `API         ${answers.length} requests, p50 ${quantile(answers, 0.5)} ms, p95 ${quantile(answers, 0.95)} ms`,
);
console.log(
  `events      ${eventDelays.length} of ${events} at the dashboard over ${streams} connections, p50 ${quantile(eventDelays, 0.5)} ms, p95 ${quantile(eventDelays, 0.95)} ms`,
);
const bytesPerSample = bytes / samples;
const perDay = (86_400 / periodSeconds) * devices * metrics * bytesPerSample;
console.log(
  `disk        ${(bytes / 1e6).toFixed(0)} MB, ${bytesPerSample.toFixed(1)} bytes per sample with roll-ups and log, ${(perDay / 1e9).toFixed(1)} GB per day at this rate`,
);
const part = (from: number, to: number) =>
  quantile(memory.slice(Math.floor(from * memory.length), Math.ceil(to * memory.length)), 0.5);
console.log(
  `memory      MB, median of each fifth of the run: ${[0, 0.2, 0.4, 0.6, 0.8].map((from) => part(from, from + 0.2)).join(', ')}; most ${quantile(memory, 1)}`,
);
if (values.json)
  console.log(
    JSON.stringify({
      ...{ devices, samplesPerSecond: Math.round(samples / took), behind, memoryMb: part(0.8, 1) },
      cpuUsPerSample: ((ownSeconds + usedByServer) * 1e6) / samples,
      ...{ apiP95Ms: quantile(answers, 0.95), eventP95Ms: quantile(eventDelays, 0.95), bytesPerSample },
    }),
  );
stop.abort();
await watching;
await bench.close();
await server?.close();
rmSync(folder, { recursive: true, force: true });
