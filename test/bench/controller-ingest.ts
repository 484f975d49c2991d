/**
 * Load of a whole fleet on the controller, without a broker: `node --import tsx test/bench/controller-ingest.ts
 * [--devices 10000] [--metrics 60] [--seconds 30] [--batch 10] [--store sqlite|postgres]`. Every device sends a batch of `batch` seconds of
 * `metrics` values at 1 Hz, spread evenly; meanwhile the questions of a dashboard are asked. Prints what was asked for
 * and what was reached; where the controller keeps up, "behind" stays near 0. With `postgres` a private cluster is started,
 * syncs what it commits, and its processor time is counted too.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { nodeSecrets } from '../../src/adapters/crypto/index.ts';
import { PostgresStore } from '../../src/adapters/postgres/index.ts';
import { SqliteStore } from '../../src/adapters/sqlite/index.ts';
import { SystemClock } from '../../src/adapters/system/index.ts';
import { silentLog } from '../../src/base/index.ts';
import { FleetController } from '../../src/controller/index.ts';
import {
  encodePayload,
  type Message,
  metricNames,
  type Transport,
  topics,
} from '../../src/protocol/index.ts';
import { fakeArtifacts } from '../fakes/fake-artifacts.ts';
import { birth } from '../fakes/test-fleet.ts';
import { PostgresServer } from '../fixtures/postgres-server.ts';
import { benchBatch, benchCatalogue } from './ingest-load.ts';

const { values } = parseArgs({
  options: {
    devices: { type: 'string', default: '10000' },
    metrics: { type: 'string', default: '60' },
    seconds: { type: 'string', default: '30' },
    batch: { type: 'string', default: '10' },
    store: { type: 'string', default: 'sqlite' },
  },
});
const devices = Number(values.devices);
const metrics = Number(values.metrics);
const seconds = Number(values.seconds);
const batchSeconds = Number(values.batch);

const catalogue = benchCatalogue(metrics);
const batchOf = (sequence: number, endMs: number) => benchBatch(catalogue, batchSeconds, sequence, endMs);

let listener: (message: Message) => void = () => undefined;
let acks = 0;
const transport: Transport = {
  start: () => undefined,
  status: () => ({ state: 'online' }),
  onStatus: () => () => undefined,
  onMessage: (added) => {
    listener = added;
    return () => undefined;
  },
  subscribe: () => undefined,
  publish: async (message) => {
    if (message.topic.endsWith('/call/ack')) acks += 1;
  },
  close: async () => undefined,
};

const folder = mkdtempSync(join(tmpdir(), 'goshawk-bench-'));
const file = join(folder, 'fleet.db');
const server = values.store === 'postgres' ? await PostgresServer.start({ durable: true }) : undefined;
const store =
  server === undefined
    ? await SqliteStore.open({ file })
    : await PostgresStore.open({ address: server.address });
const controller = new FleetController({
  transport,
  store,
  artifacts: fakeArtifacts(),
  secrets: nodeSecrets,
  clock: new SystemClock(),
  log: silentLog,
});
await controller.start();
const state = encodePayload('state', { ...birth, catalogue });
const births = performance.now();
for (let device = 0; device < devices; device++)
  listener({ topic: topics.state(`bench-${device}`), payload: state, qos: 1, retain: true });
await controller.flush();
console.log(`${devices} births in ${Math.round(performance.now() - births)} ms`);

const perSecond = devices / batchSeconds;
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
  if (performance.now() - begin > nextQuestion) {
    nextQuestion += 500;
    questions.push(ask());
  }
  await new Promise((resolve) => setImmediate(resolve));
}
async function ask(): Promise<void> {
  const toMs = Date.now();
  const start = performance.now();
  await store.metrics({
    devices: answers.length % 2 === 0 ? undefined : [`bench-${answers.length}`],
    name: metricNames.latency,
    labels: {},
    fromMs: toMs - 3_600_000,
    toMs,
    stepMs: 60_000,
  });
  controller.registry.list({ limit: 100 });
  controller.summary.current();
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
const sorted = answers.sort((a, b) => a - b);
const at = (q: number) => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0);
console.log(
  `asked for   ${Math.round(perSecond)} batches/s, ${Math.round(perSecond * batchSeconds * metrics)} samples/s`,
);
console.log(
  `reached     ${Math.round(sent / took)} batches/s, ${Math.round((sent * batchSeconds * metrics) / took)} samples/s over ${took.toFixed(1)} s`,
);
console.log(
  `behind      ${behind} batches at the end; last flush ${Math.round(flushed)} ms; acks sent ${acks}`,
);
console.log(
  `processor   ${((used.user + used.system) / 1e6 / took).toFixed(2)} cores, all threads, load generator included (${(spentEncoding / 1000 / took).toFixed(2)} encoding)`,
);
const samples = sent * batchSeconds * metrics;
const ownSeconds = (used.user + used.system) / 1e6 - spentEncoding / 1000;
console.log(
  `per sample  ${((ownSeconds * 1e6) / samples).toFixed(2)} us here without encoding, ${((usedByServer * 1e6) / samples).toFixed(2)} us in the database server, ${(((ownSeconds + usedByServer) * 1e6) / samples).toFixed(2)} us together`,
);
console.log(
  `event loop  p50 ${(delay.percentile(50) / 1e6).toFixed(1)} ms, p99 ${(delay.percentile(99) / 1e6).toFixed(1)} ms`,
);
console.log(`questions   ${sorted.length}, p50 ${at(0.5)} ms, p95 ${at(0.95)} ms`);
console.log(
  `disk        ${(bytes / 1e6).toFixed(0)} MB, ${(bytes / (sent * batchSeconds * metrics)).toFixed(1)} bytes/sample with roll-ups and log`,
);
console.log(`memory      ${(process.memoryUsage.rss() / 1e6).toFixed(0)} MB`);
await controller.close();
await server?.close();
rmSync(folder, { recursive: true, force: true });
