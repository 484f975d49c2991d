/**
 * `goshawk controller migrate` with 30 days of a fleet: `npm run bench -- migration [--devices 1,2,4] [--days 30] [--metrics 60]`.
 * The SQLite database is made by commits of the store, with a sample of each metric every minute and, in the last two days, every
 * ten seconds; then its retention runs. Prints for each number of devices the size, the rows, the time and the processor seconds of
 * the command and of PostgreSQL. The command itself compares both databases, row by row, and fails where they differ.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { SqliteStore } from '../../src/adapters/sqlite/index.ts';
import { defaultRetention } from '../../src/controller/index.ts';
import { birth } from '../fakes/test-fleet.ts';
import { PostgresServer } from '../fixtures/postgres-server.ts';
import { goshawkCommand, projectRoot } from '../integration/goshawk.ts';
import { benchCatalogue, benchValue } from './ingest-load.ts';

const { values } = parseArgs({
  options: {
    devices: { type: 'string', default: '1,2,4' },
    days: { type: 'string', default: '30' },
    metrics: { type: 'string', default: '60' },
  },
});
const days = Number(values.days);
const metrics = Number(values.metrics);
const minuteMs = 60_000;
const batchMs = 60 * minuteMs;
const rawMs = defaultRetention.raw.maxAgeMs;

/** Bytes of the database, and samples that were committed. */
async function fill(file: string, devices: number): Promise<{ bytes: number; samples: number }> {
  const store = await SqliteStore.open({ file });
  await store.load({ warningsMs: 0, incidentsMs: 0 });
  const series = benchCatalogue(metrics).map(({ name, unit, kind }, at) => ({
    ...{ id: at + 1, name, unit, labels: {} },
    kind: kind === 'histogram' ? ('gauge' as const) : kind,
  }));
  const names = Array.from({ length: devices }, (_, at) => `bench-${at}`);
  await store.commit({
    series,
    changes: names.map((id) => ({ kind: 'device', device: { id, birth } })),
  });
  const endMs = Math.floor(Date.now() / batchMs) * batchMs;
  let [samples, sequence] = [0, 0];
  for (let timeMs = endMs - days * 86_400_000; timeMs < endMs; timeMs += batchMs, sequence++) {
    const everyMs = timeMs >= endMs - rawMs ? 10_000 : minuteMs;
    const times = Array.from({ length: batchMs / everyMs }, (_, at) => timeMs + at * everyMs);
    const columns = {
      timesMs: Float64Array.from(times.flatMap((time) => series.map(() => time))),
      series: Uint32Array.from(times.flatMap(() => series.map(({ id }) => id))),
      values: Float64Array.from(
        times.flatMap((time) =>
          series.map(({ id, kind }) =>
            kind === 'counter' ? (time - endMs) / 1000 : benchValue(id, time / 1000),
          ),
        ),
      ),
    };
    await store.commit({
      metrics: names.map((device) => ({ device, session: 1, sequence, histograms: [], ...columns })),
    });
    samples += devices * columns.timesMs.length;
    if (sequence % 24 === 23) console.error(`filled: day ${(sequence + 1) / 24} of ${days}`);
  }
  console.error('filled; its retention runs');
  while ((await store.retain(defaultRetention, endMs)).rows > 0);
  await store.close();
  return { bytes: statSync(file).size, samples };
}

async function measure(devices: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'goshawk-migration-'));
  const dataDir = join(folder, 'controller');
  mkdirSync(dataDir);
  const { bytes, samples } = await fill(join(dataDir, 'controller.db'), devices);
  const server = await PostgresServer.start({ durable: true });
  const config = join(folder, 'controller.json');
  const database = {
    url: `postgres://postgres@127.0.0.1:${server.port}/postgres`,
    passwordFile: join(server.folder, 'password'),
  };
  writeFileSync(config, JSON.stringify({ dataDir, broker: { url: 'mqtt://127.0.0.1:1' }, database }));
  const serverBefore = server.cpuSeconds();
  const beganMs = performance.now();
  // `time` of the shell tells the processor seconds of a process that ended.
  const command = [
    process.execPath,
    ...goshawkCommand,
    'controller',
    'migrate',
    '--config',
    config,
    '--json',
  ];
  const child = spawn('bash', ['-c', 'TIMEFORMAT="cpu %U %S"; time "$@"', 'bash', ...command], {
    cwd: projectRoot,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, error] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  console.error(`${(bytes / 1e6).toFixed(0)} MB; the migration begins`);
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    process.stderr.write(text);
    error += text;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(error);
  const seconds = (performance.now() - beganMs) / 1000;
  const [, user, system] = /cpu (\S+) (\S+)/.exec(error) ?? [];
  const own = Number(user) + Number(system);
  const [size] = await server.sql(`SELECT pg_database_size('postgres')::float8 AS bytes`);
  const rows = out.match(/"rows":(\d+)/g)?.reduce((sum, one) => sum + Number(one.slice(7)), 0) ?? 0;
  console.log(
    `${devices} devices, ${days} days: ${samples} samples committed; SQLite ${(bytes / 1e6).toFixed(0)} MB, ${rows} rows, all equal in PostgreSQL (${(Number(size?.bytes) / 1e6).toFixed(0)} MB); ${seconds.toFixed(0)} s, ${own.toFixed(1)} s of CPU in the command and ${(server.cpuSeconds() - serverBefore).toFixed(1)} s in PostgreSQL`,
  );
  await server.close();
  rmSync(folder, { recursive: true, force: true });
}

for (const devices of values.devices.split(',').map(Number)) await measure(devices);
