/**
 * What grows with a fleet beside its telemetry: `npm run bench -- fleet-steps [--devices 1000,5000,20000] [--streams 0,50,200]
 * [--connections 500,2000] [--seconds 10]`. An order to a group of so many devices, open dashboards while 100 devices report each
 * second, and connections with client certificates at a Mosquitto. Prints a row for each.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import mqtt, { type MqttClient } from 'mqtt';
import { SqliteStore } from '../../src/adapters/sqlite/index.ts';
import { deviceSubscriptions, encodePayload, topics } from '../../src/protocol/index.ts';
import { answers, freePort } from '../contract/brokers.ts';
import { birth } from '../fakes/test-fleet.ts';
import { brokerKinds } from '../integration/fleet/brokers.ts';
import { eventually, Program } from '../integration/fleet/program.ts';
import { BenchController } from './bench-controller.ts';
import { cpuSecondsOf, pause } from './fleet-load.ts';
import { benchBatch, benchCatalogue } from './ingest-load.ts';

const { values } = parseArgs({
  options: {
    devices: { type: 'string', default: '1000,5000,20000' },
    streams: { type: 'string', default: '0,50,200' },
    connections: { type: 'string', default: '500,2000' },
    seconds: { type: 'string', default: '10' },
  },
});
const numbers = (list: string) => list.split(',').filter(Boolean).map(Number);
const seconds = Number(values.seconds);
const catalogue = benchCatalogue(60);
const row = (...cells: (string | number)[]) =>
  console.log(`| ${[...cells, loadavg()[0]?.toFixed(1)].join(' | ')} |`);
const idOf = (at: number) => `bench-${at}`;

interface Fleet {
  readonly bench: BenchController;
  /** Topics of what the controller sent. */
  readonly published: string[];
}
async function withFleet(devices: number, work: (fleet: Fleet) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'goshawk-steps-'));
  const published: string[] = [];
  const store = await SqliteStore.open({ file: join(folder, 'fleet.db') });
  const bench = await BenchController.start(store, ({ topic }) => published.push(topic));
  const payload = encodePayload('state', { ...birth, catalogue, groups: ['all'] });
  for (let at = 0; at < devices; at++)
    bench.receive({ topic: topics.state(idOf(at)), payload, qos: 1, retain: true });
  await bench.controller.flush();
  await work({ bench, published });
  await bench.close();
  rmSync(folder, { recursive: true, force: true });
}

/** From the request until the last device was sent what it should do. */
async function order(devices: number): Promise<void> {
  await withFleet(devices, async ({ bench, published }) => {
    const headers = { ...(await bench.headers('operator')), 'content-type': 'application/json' };
    const isDesired = (topic: string) => topic.endsWith('/desired');
    published.length = 0;
    const began = performance.now();
    const cpu = process.cpuUsage();
    const response = await fetch(`${bench.url}/groups/all/desired`, {
      method: 'PUT',
      headers,
      body: JSON.stringify({ pipelines: { '*': { scoreThreshold: 0.4 } } }),
    });
    if (!response.ok) throw new Error(await response.text());
    await response.arrayBuffer();
    const answered = performance.now() - began;
    await eventually('all were sent', async () => published.filter(isDesired).length >= devices);
    const took = performance.now() - began;
    const { user, system } = process.cpuUsage(cpu);
    row(
      devices,
      `${Math.round(answered)} ms`,
      `${Math.round(took)} ms`,
      `${Math.round((user + system) / devices)} us`,
    );
  });
}

/** Reads streams in a process apart, so that only their sending is counted. */
const reader = `
const { request } = require('node:http');
const [url, authorization, count] = process.argv.slice(1);
let open = 0;
let bytes = 0;
for (let at = 0; at < Number(count); at++)
  request(url, { agent: false, headers: { authorization } }, (response) => {
    response.once('data', () => { if (++open === Number(count)) console.log('open'); });
    response.on('data', (chunk) => { bytes += chunk.length; });
  }).end();
process.stdin.on('data', () => console.log(bytes));
`;

async function dashboards(streams: number): Promise<void> {
  await withFleet(1_000, async ({ bench }) => {
    const { authorization } = await bench.headers('viewer');
    const child = spawn(process.execPath, ['-e', reader, `${bench.url}/stream`, authorization, `${streams}`]);
    child.stdout.setEncoding('utf8');
    if (streams > 0) await once(child.stdout, 'data');
    const cpu = process.cpuUsage();
    let sent = 0;
    for (const began = performance.now(); performance.now() - began < seconds * 1_000; ) {
      if (sent < ((performance.now() - began) / 1_000) * 100) {
        const payload = benchBatch(catalogue, 1, Math.floor(sent / 1_000), Date.now(), 10);
        bench.receive({ topic: topics.metrics(idOf(sent++ % 1_000)), payload, qos: 1, retain: false });
      } else await pause(1);
    }
    const { user, system } = process.cpuUsage(cpu);
    child.stdin.write('\n');
    const [bytes] = (await once(child.stdout, 'data')) as [string];
    child.kill();
    const ms = (user + system) / 1_000 / seconds;
    row(
      streams,
      `${ms.toFixed(1)} ms`,
      streams === 0 ? '' : `${(Number(bytes) / streams / seconds / 1_000).toFixed(1)} kB`,
    );
  });
}

/** With the certificates of the tests; each connection has a client id and what a device subscribes to. */
async function connections(count: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'goshawk-steps-'));
  brokerKinds.find(({ title }) => title.startsWith('Mosquitto'))?.make(folder);
  const at = (name: string) => join(folder, 'mosquitto', name);
  const port = await freePort();
  writeFileSync(
    at('many.conf'),
    [
      ...[`listener ${port} 127.0.0.1`, `cafile ${at('ca.crt')}`, `certfile ${at('broker.crt')}`],
      ...[`keyfile ${at('broker.key')}`, 'require_certificate true', 'allow_anonymous true'],
      ...(process.getuid?.() === 0 ? ['user root'] : []),
    ].join('\n'),
  );
  const broker = Program.other('mosquitto', ['-c', at('many.conf')]);
  await eventually('Mosquitto listens', () => answers(port));
  const resident = () =>
    Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${broker.pid}/status`, 'utf8'))?.[1]);
  const empty = resident();
  const cpu = cpuSecondsOf(broker.pid);
  const began = performance.now();
  const options = {
    ...{
      ca: readFileSync(at('ca.crt')),
      cert: readFileSync(at('cam-1.crt')),
      key: readFileSync(at('cam-1.key')),
    },
    ...({ protocolVersion: 5, reconnectPeriod: 0, keepalive: 600 } as const),
  };
  const clients: MqttClient[] = [];
  for (let index = 0; index < count; index++) {
    const client = await mqtt.connectAsync(`mqtts://127.0.0.1:${port}`, {
      ...options,
      clientId: idOf(index),
    });
    for (const { filter, qos } of deviceSubscriptions(idOf(index)))
      await client.subscribeAsync(filter, { qos });
    clients.push(client);
  }
  const took = (performance.now() - began) / 1_000;
  row(
    count,
    `${((resident() - empty) / count).toFixed(1)} kB`,
    `${(((cpuSecondsOf(broker.pid) - cpu) * 1_000) / count).toFixed(2)} ms`,
    `${Math.round(count / took)} a second`,
  );
  for (const client of clients) client.end(true);
  await broker.end();
  rmSync(folder, { recursive: true, force: true });
}

console.log(
  '| devices of a group | answered | all sent | processor time per device | load |\n|---|---|---|---|---|',
);
for (const devices of numbers(values.devices)) await order(devices);
console.log(
  '\n| dashboards | processor time of a second | bytes of each per second | load |\n|---|---|---|---|',
);
for (const streams of numbers(values.streams)) await dashboards(streams);
console.log(
  '\n| connections | memory each | processor time to connect | reached | load |\n|---|---|---|---|---|',
);
for (const count of numbers(values.connections)) await connections(count);
