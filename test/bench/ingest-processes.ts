/**
 * Telemetry of a fleet through a real Mosquitto, stored by one process in SQLite, by one in a real PostgreSQL and then there by
 * 1, 2 and 3 processes with the role ingest: `npm run bench -- ingest-processes [--devices 300] [--metrics 60]
 * [--seconds 60] [--counts sqlite,0,1,2,3]`. All runs get the same rate. Where the work is shared, each process has its part of
 * the processor time, and their sum stays. 0 ingest processes: the controller stores what it takes itself, as without roles.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startOpenMosquitto } from '../fixtures/open-mosquitto.ts';
import { PostgresServer } from '../fixtures/postgres-server.ts';
import { Program } from '../integration/fleet/program.ts';
import { cpuSecondsOf, FleetLoad } from './fleet-load.ts';
import { benchCatalogue } from './ingest-load.ts';

const { values } = parseArgs({
  options: {
    devices: { type: 'string', default: '300' },
    metrics: { type: 'string', default: '60' },
    seconds: { type: 'string', default: '60' },
    counts: { type: 'string', default: 'sqlite,0,1,2,3' },
  },
});
const devices = Number(values.devices);
const metrics = Number(values.metrics);
const seconds = Number(values.seconds);
const batchSeconds = 10;

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

const load = new FleetLoad(broker.url, { devices, catalogue: benchCatalogue(metrics), batchSeconds });
await load.connect();

async function measure(count: number, store: 'SQLite' | 'PostgreSQL'): Promise<void> {
  const own = { dataDir: join(folder, 'sqlite'), database: undefined };
  const leader = start('leader', store === 'SQLite' ? own : count === 0 ? {} : { roles: ['control'] });
  await leader.line('started');
  const processes = Array.from({ length: count }, (_, at) =>
    start(`ingest-${at + 1}`, { roles: ['ingest'] }),
  );
  for (const one of processes) await one.line('started');
  await load.births();
  // Births are stored and the first batches compiled.
  await load.run(15);
  await load.acknowledged();
  load.delays.length = 0;
  const pids = [leader, ...processes].map(({ pid }) => pid);
  const before = pids.map(cpuSecondsOf);
  const serverBefore = server.cpuSeconds();
  const samplesBefore = load.samples;
  await load.run(seconds);
  await load.acknowledged();
  const samples = load.samples - samplesBefore;
  const used = pids.map((pid, at) => cpuSecondsOf(pid) - (before[at] ?? 0));
  const ofServer = server.cpuSeconds() - serverBefore;
  const [lead = 0, ...ingest] = used.map((spent) => (spent * 1e6) / samples);
  const sum = ingest.reduce((all, one) => all + one, 0);
  const server1 = (ofServer * 1e6) / samples;
  const delays = load.delays.sort((a, b) => a - b);
  const at = (q: number) =>
    Math.round(delays[Math.min(delays.length - 1, Math.floor(q * delays.length))] ?? 0);
  const list = ingest.map((one) => one.toFixed(2)).join(' + ') || '-';
  console.log(
    `${store}, ${count} ingest: ${samples} samples, ${Math.round(samples / seconds)}/s; us of CPU a sample: leader ${lead.toFixed(2)}, ingest ${list}, PostgreSQL ${server1.toFixed(2)}, together ${(lead + sum + server1).toFixed(2)}; acknowledged after p50 ${at(0.5)} ms, p95 ${at(0.95)} ms`,
  );
  for (const one of [...processes, leader]) await one.end();
}

for (const count of values.counts.split(','))
  await (count === 'sqlite' ? measure(0, 'SQLite') : measure(Number(count), 'PostgreSQL'));
await load.close();
await broker.close();
await server.close();
rmSync(folder, { recursive: true, force: true });
