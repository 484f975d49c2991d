/**
 * Telemetry of a fleet through a real Mosquitto into a real PostgreSQL, stored by one process that does everything and then by
 * 1, 2 and 3 processes with the role ingest: `node --import tsx test/bench/ingest-processes.ts [--devices 300] [--metrics 60]
 * [--seconds 60] [--counts 0,1,2,3]`. All runs get the same rate. Where the work is shared, each process has its part of the
 * processor time, and their sum stays. 0 ingest processes: the controller stores what it takes itself, as without roles.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { MqttjsTransport } from '../../src/adapters/mqttjs/index.ts';
import { SystemClock } from '../../src/adapters/system/index.ts';
import { silentLog } from '../../src/base/index.ts';
import { encodePayload, topics } from '../../src/protocol/index.ts';
import { birth } from '../fakes/test-fleet.ts';
import { startOpenMosquitto } from '../fixtures/open-mosquitto.ts';
import { PostgresServer } from '../fixtures/postgres-server.ts';
import { Program } from '../integration/fleet/program.ts';
import { benchBatch, benchCatalogue } from './ingest-load.ts';

const { values } = parseArgs({
  options: {
    devices: { type: 'string', default: '300' },
    metrics: { type: 'string', default: '60' },
    seconds: { type: 'string', default: '60' },
    counts: { type: 'string', default: '0,1,2,3' },
  },
});
const devices = Number(values.devices);
const metrics = Number(values.metrics);
const seconds = Number(values.seconds);
const batchSeconds = 10;
const perSecond = devices / batchSeconds;
const catalogue = benchCatalogue(metrics);

const folder = mkdtempSync(join(tmpdir(), 'goshawk-bench-'));
const server = await PostgresServer.start({ durable: true });
const broker = await startOpenMosquitto(folder);
writeFileSync(join(folder, 'password'), 'long and secret\n', { mode: 0o600 });

function start(name: string, more: Readonly<Record<string, unknown>>): Program {
  const settings = {
    dataDir: join(folder, 'leader'),
    database: {
      url: `postgres://postgres@127.0.0.1:${server.port}/postgres`,
      passwordFile: join(folder, 'password'),
    },
    broker: { url: broker.url },
    http: { port: 0 },
    trust: { mode: 'insecure' },
    ...more,
  };
  const file = join(folder, `${name}.json`);
  writeFileSync(file, JSON.stringify(settings));
  return Program.goshawk('controller', '--config', file);
}

/** Processor seconds of a process so far, all threads. */
function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
    .map(Number);
  return ((fields[11] ?? 0) + (fields[12] ?? 0)) / 100;
}

const transport = new MqttjsTransport(
  { url: broker.url, clientId: 'bench', receiveMaximum: 1000 },
  { clock: new SystemClock(), log: silentLog, random: Math.random },
);
const waiting = new Map<string, number>();
const delays: number[] = [];
transport.onMessage(({ topic, payload }) => {
  const device = topic.split('/')[2];
  const { entries } = JSON.parse(new TextDecoder().decode(payload)) as { entries: number[] };
  for (const entry of entries) {
    const sentMs = waiting.get(`${device}/${entry}`);
    if (sentMs === undefined || !waiting.delete(`${device}/${entry}`)) continue;
    delays.push(performance.now() - sentMs);
  }
});
transport.subscribe('goshawk/1/+/call/ack', 1);
transport.start();
while (transport.status().state !== 'online') await pause(20);

let sent = 0;
let payload = benchBatch(catalogue, batchSeconds, 0, Date.now());
let payloadOf = 0;

/** As many batches as are due, for so long. */
async function load(forSeconds: number): Promise<void> {
  const begin = performance.now();
  const before = sent;
  while (performance.now() - begin < forSeconds * 1000) {
    const due = before + Math.floor(((performance.now() - begin) / 1000) * perSecond);
    for (; sent < due; sent++) {
      const round = Math.floor(sent / devices);
      if (sent - payloadOf > perSecond / 4 || round !== Math.floor(payloadOf / devices)) {
        payload = benchBatch(catalogue, batchSeconds, round, Date.now());
        payloadOf = sent;
      }
      const device = `bench-${sent % devices}`;
      waiting.set(`${device}/${round}`, performance.now());
      void transport.publish({ topic: topics.metrics(device), payload, qos: 1, retain: false });
    }
    await pause(20);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function measure(count: number): Promise<void> {
  const leader = start('leader', count === 0 ? {} : { roles: ['control'] });
  await leader.line('started');
  const processes = Array.from({ length: count }, (_, at) =>
    start(`ingest-${at + 1}`, { roles: ['ingest'] }),
  );
  for (const one of processes) await one.line('started');
  const state = encodePayload('state', { ...birth, catalogue });
  for (let device = 0; device < devices; device++)
    await transport.publish({ topic: topics.state(`bench-${device}`), payload: state, qos: 1, retain: true });
  // Births are stored and the first batches compiled.
  await load(15);
  while (waiting.size > 0) await pause(100);
  delays.length = 0;
  const pids = [leader, ...processes].map(({ pid }) => pid);
  const before = pids.map(cpuOf);
  const serverBefore = server.cpuSeconds();
  const sentBefore = sent;
  await load(seconds);
  while (waiting.size > 0) await pause(20);
  const samples = (sent - sentBefore) * batchSeconds * metrics;
  const used = pids.map((pid, at) => cpuOf(pid) - (before[at] ?? 0));
  const ofServer = server.cpuSeconds() - serverBefore;
  const [lead = 0, ...ingest] = used.map((spent) => (spent * 1e6) / samples);
  const sum = ingest.reduce((all, one) => all + one, 0);
  const server1 = (ofServer * 1e6) / samples;
  delays.sort((a, b) => a - b);
  const at = (q: number) =>
    Math.round(delays[Math.min(delays.length - 1, Math.floor(q * delays.length))] ?? 0);
  const list = ingest.map((one) => one.toFixed(2)).join(' + ') || '-';
  console.log(
    `${count} ingest: ${samples} samples, ${Math.round(samples / seconds)}/s; us of CPU a sample: leader ${lead.toFixed(2)}, ingest ${list}, PostgreSQL ${server1.toFixed(2)}, together ${(lead + sum + server1).toFixed(2)}; acknowledged after p50 ${at(0.5)} ms, p95 ${at(0.95)} ms`,
  );
  for (const one of [...processes, leader]) await one.end();
}

for (const count of values.counts.split(',').map(Number)) await measure(count);
await transport.close();
await broker.close();
await server.close();
rmSync(folder, { recursive: true, force: true });
