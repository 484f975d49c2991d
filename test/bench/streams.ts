import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
// A package of CommonJS in which Node finds no names.
import protocol from '@foxglove/ws-protocol';
import { McapStreamReader } from '@mcap/core';
import { connect } from 'mqtt';
import { WebSocket } from 'ws';
import { MqttjsTransport } from '../../src/adapters/mqttjs/index.ts';
import { SystemClock } from '../../src/adapters/system/index.ts';
import { silentLog } from '../../src/base/index.ts';
import { openStreams } from '../../src/runtime/streams/open-streams.ts';
import { readStreamAddress } from '../../src/runtime/streams/read-address.ts';
import { answers, freePort } from '../contract/brokers.ts';
import { found, perception } from '../unit/streams/results.ts';

/*
 * Results of one camera at 30 frames a second with 20 objects each, to Mosquitto (at most and at least once), a server, a
 * program, Foxglove's own client and a file, whose receivers are stopped and started in turns: do the counts add up, does what
 * is held stay bounded, and is everything in the file?
 * `npm run bench -- streams`, `STREAMS_MINUTES=60` for an hour.
 */
const minutes = Number(process.env.STREAMS_MINUTES ?? 2);
const turnMs = 20_000;
const frameMs = 1000 / 30;
const clock = new SystemClock();
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const [mqttPort, httpPort, wsPort, foxglovePort] = [
  await freePort(),
  await freePort(),
  await freePort(),
  await freePort(),
];
const names = ['mqtt', 'durable', 'http', 'ws', 'foxglove', 'mcap'] as const;
const received = Object.fromEntries(names.map((name) => [name, new Set<number>()])) as Record<
  (typeof names)[number],
  Set<number>
>;
const note = (of: Set<number>, text: string) => of.add((JSON.parse(text) as { sequence: number }).sequence);

const folder = mkdtempSync(join(tmpdir(), 'goshawk-streams-'));
/** It keeps sessions over its restarts: what it has acknowledged, the listener gets. */
const brokerFile = join(folder, 'mosquitto.conf');
writeFileSync(
  brokerFile,
  [
    ...[`listener ${mqttPort} 127.0.0.1`, 'allow_anonymous true', 'max_queued_messages 0'],
    ...['persistence true', `persistence_location ${folder}/`, 'user root', ''],
  ].join('\n'),
);
let broker: ChildProcess | undefined;
async function startBroker(): Promise<void> {
  broker = spawn('mosquitto', ['-c', brokerFile], { stdio: 'ignore' });
  while (!(await answers(mqttPort))) await pause(50);
}
async function stopBroker(): Promise<void> {
  const ended = new Promise((resolve) => broker?.once('exit', resolve));
  broker?.kill('SIGTERM');
  await ended;
}

let web: Server | undefined;
function startWeb(): Promise<void> {
  web = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { results } = JSON.parse(Buffer.concat(chunks).toString()) as { results: { sequence: number }[] };
      for (const { sequence } of results) received.http.add(sequence);
      response.writeHead(204).end();
    });
  });
  return new Promise((resolve) => web?.listen(httpPort, '127.0.0.1', () => resolve()));
}
async function stopWeb(): Promise<void> {
  web?.closeAllConnections();
  await new Promise((resolve) => web?.close(resolve));
}

let program: WebSocket | undefined;
function startProgram(): void {
  program = new WebSocket(`ws://127.0.0.1:${wsPort}`);
  program.on('error', () => {});
  program.on('message', (data) => note(received.ws, String(data)));
}

const { FoxgloveClient } = protocol;
let viewer: InstanceType<typeof FoxgloveClient> | undefined;
let viewerSocket: WebSocket | undefined;
function startViewer(): void {
  viewerSocket = new WebSocket(`ws://127.0.0.1:${foxglovePort}`, [FoxgloveClient.SUPPORTED_SUBPROTOCOL]);
  viewer = new FoxgloveClient({ ws: viewerSocket as never });
  viewer.on('error', () => {});
  viewer.on('advertise', (channels) => {
    for (const { id, topic } of channels) if (topic === '/front/results') viewer?.subscribe(id);
  });
  viewer.on('message', ({ data }) =>
    note(received.foxglove, Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString()),
  );
}

await startBroker();
await startWeb();
const listener = new MqttjsTransport(
  { url: `mqtt://127.0.0.1:${mqttPort}`, clientId: 'listener', backoff: { firstMs: 100, maxMs: 500 } },
  { clock, log: silentLog, random: Math.random },
);
listener.onMessage(({ payload }) => void note(received.mqtt, String(Buffer.from(payload))));
listener.subscribe('yard', 0);
listener.start();
const keeper = connect(`mqtt://127.0.0.1:${mqttPort}`, {
  ...{ protocolVersion: 5, clientId: 'keeper', clean: false, reconnectPeriod: 500 },
  properties: { sessionExpiryInterval: 3600 },
});
keeper.on('error', () => {});
keeper.on('message', (_, payload) => note(received.durable, String(payload)));
await new Promise((resolve) => keeper.subscribe('kept', { qos: 1 }, resolve));

const file = join(folder, 'file.mcap');
const brokerUrl = `mqtt://127.0.0.1:${mqttPort}`;
const addresses = {
  mqtt: `${brokerUrl}/yard`,
  durable: `${brokerUrl}/kept#atLeastOnce=true`,
  http: `http://127.0.0.1:${httpPort}/#everySeconds=0.5`,
  ws: `ws://127.0.0.1:${wsPort}`,
  foxglove: `ws://127.0.0.1:${foxglovePort}`,
  mcap: `${file}#pictureFps=0`,
};
const streams = await openStreams(
  Object.fromEntries(names.map((name) => [name, readStreamAddress(addresses[name])])),
  {
    ...{ device: 'bench', cameras: ['front'], clock, log: silentLog, dataDir: folder },
    makePicture: async () => '',
  },
);
startProgram();
startViewer();

const frame = {} as never;
const objects = Array.from({ length: 20 }, (_, i) =>
  found(i % 3 === 0 ? 'person' : 'car', 0.5, { trackId: i }),
);
const began = performance.now();
const loop = monitorEventLoopDelay({ resolution: 5 });
loop.enable();
const memory: number[] = [];
let sequence = 0;
let publishMs = 0;
let behind = false;
/** Where the machine falls behind, turns of the event loop come between the results, as they do with a camera. */
async function catchUp(): Promise<void> {
  if (behind) return;
  behind = true;
  while (sequence < (performance.now() - began) / frameMs) {
    const before = performance.now();
    streams.publish(perception(sequence++, objects, { further: true }), frame);
    publishMs += performance.now() - before;
    await new Promise((resolve) => setImmediate(resolve));
  }
  behind = false;
}
const timer = setInterval(() => void catchUp(), frameMs / 2);

/** One of them is away for a turn. */
const away: readonly (readonly [stop: () => unknown, start: () => unknown])[] = [
  [stopBroker, startBroker],
  [stopWeb, startWeb],
  [() => program?.terminate(), startProgram],
  [() => viewerSocket?.terminate(), startViewer],
  [() => broker?.kill('SIGSTOP'), () => broker?.kill('SIGCONT')],
];
for (let turn = 0; performance.now() - began < minutes * 60_000; turn++) {
  const [stop, start] = away[turn % away.length]!;
  await pause(turnMs / 2);
  await stop();
  await pause(turnMs / 2);
  await start();
  memory.push(Math.round(process.memoryUsage.rss() / 1e6));
}
clearInterval(timer);
behind = true;
// What waited for the broker still goes to it.
const waits = () => streams.readings().some(({ stream, waiting }) => stream === 'durable' && waiting > 0);
for (const until = performance.now() + 120_000; waits() && performance.now() < until; ) await pause(500);
await pause(2_000);
await streams.close();
await pause(1_000);
loop.disable();

const reader = new McapStreamReader();
reader.append(readFileSync(file));
const channels = new Map<number, string>();
for (let record = reader.nextRecord(); record !== undefined; record = reader.nextRecord()) {
  if (record.type === 'Channel') channels.set(record.id, record.topic);
  if (record.type === 'Message' && channels.get(record.channelId) === '/front/results')
    note(received.mcap, Buffer.from(record.data).toString());
}
const rows = streams.readings().map(({ stream: name, produced, sent, leftOut, waiting }) => {
  const left = Object.values(leftOut).reduce((sum, count) => sum + count, 0);
  const sum = sent + left + waiting === produced ? 'adds up' : 'DOES NOT ADD UP';
  const arrived = received[name as (typeof names)[number]].size;
  return `| ${name} | ${produced} | ${sent} | ${waiting} | ${left} ${JSON.stringify(leftOut)} | ${arrived} | ${sum} |`;
});
const tenths = Array.from(
  { length: 11 },
  (_, i) => memory[Math.min(memory.length - 1, Math.floor((i * memory.length) / 10))],
);
process.stdout.write(
  [
    `${minutes} minutes, ${sequence} results of 20 objects`,
    '| stream | produced | sent | waiting | left out | arrived | |',
    '|---|---|---|---|---|---|---|',
    ...rows,
    `per result, all streams: ${(publishMs / sequence).toFixed(3)} ms on the event loop; its delay p99 ${(loop.percentile(99) / 1e6).toFixed(1)} ms`,
    `load of the machine at the end: ${loadavg()
      .map((one) => one.toFixed(0))
      .join(', ')}`,
    `memory by tenths of the run, MB: ${tenths.join(', ')}`,
    '',
  ].join('\n'),
);
await listener.close();
await keeper.endAsync(true);
program?.terminate();
viewerSocket?.terminate();
await stopWeb();
await stopBroker();
rmSync(folder, { recursive: true, force: true });
