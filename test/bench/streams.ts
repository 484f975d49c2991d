import { type ChildProcess, spawn } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { WebSocket } from 'ws';
import { MqttjsTransport } from '../../src/adapters/mqttjs/index.ts';
import { SystemClock } from '../../src/adapters/system/index.ts';
import { silentLog } from '../../src/base/index.ts';
import { openAddresses } from '../../src/runtime/index.ts';
import { answers, freePort } from '../contract/brokers.ts';
import { found, perception } from '../unit/streams/results.ts';

/*
 * Results of one camera at 30 frames a second with 20 objects each, to Mosquitto, a server, a program and a file, whose
 * receivers are stopped and started in turns: do the counts add up, and does what is held stay bounded?
 * `npm run bench -- streams`, `STREAMS_MINUTES=60` for an hour.
 */
const minutes = Number(process.env.STREAMS_MINUTES ?? 2);
const turnMs = 20_000;
const frameMs = 1000 / 30;
const clock = new SystemClock();
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const [mqttPort, httpPort, wsPort] = [await freePort(), await freePort(), await freePort()];
const received = { mqtt: new Set<number>(), http: new Set<number>(), ws: new Set<number>() };
const note = (of: Set<number>, text: string) => of.add((JSON.parse(text) as { sequence: number }).sequence);

let broker: ChildProcess | undefined;
async function startBroker(): Promise<void> {
  broker = spawn('mosquitto', ['-p', String(mqttPort)], { stdio: 'ignore' });
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

await startBroker();
await startWeb();
const listener = new MqttjsTransport(
  { url: `mqtt://127.0.0.1:${mqttPort}`, clientId: 'listener', backoff: { firstMs: 100, maxMs: 500 } },
  { clock, log: silentLog, random: Math.random },
);
listener.onMessage(({ payload }) => void note(received.mqtt, String(Buffer.from(payload))));
listener.subscribe('yard', 0);
listener.start();

const file = `/tmp/goshawk-streams-${process.pid}.mcap`;
const streams = await openAddresses(
  [
    `mqtt://127.0.0.1:${mqttPort}/yard`,
    `http://127.0.0.1:${httpPort}/#everySeconds=0.5`,
    `ws://127.0.0.1:${wsPort}`,
    `${file}#pictureFps=0`,
  ],
  { device: 'bench', cameras: ['front'], clock, log: silentLog },
);
startProgram();

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
const timer = setInterval(() => {
  while (sequence < (performance.now() - began) / frameMs) {
    const before = performance.now();
    streams.publish(perception(sequence++, objects, { further: true }), frame);
    publishMs += performance.now() - before;
  }
}, frameMs / 2);

/** One of them is away for a turn. */
const away: readonly (readonly [stop: () => unknown, start: () => unknown])[] = [
  [stopBroker, startBroker],
  [stopWeb, startWeb],
  [() => program?.terminate(), startProgram],
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
await pause(2_000);
await streams.close();
await pause(1_000);
loop.disable();

const arrived = [received.mqtt.size, received.http.size, received.ws.size, undefined];
const rows = streams.readings().map(({ to, produced, sent, leftOut, waiting }, at) => {
  const left = Object.values(leftOut).reduce((sum, count) => sum + count, 0);
  const sum = sent + left + waiting === produced ? 'adds up' : 'DOES NOT ADD UP';
  return `| ${to.replace(file, 'file.mcap')} | ${produced} | ${sent} | ${left} ${JSON.stringify(leftOut)} | ${arrived[at] ?? '-'} | ${sum} |`;
});
const tenths = Array.from(
  { length: 11 },
  (_, i) => memory[Math.min(memory.length - 1, Math.floor((i * memory.length) / 10))],
);
process.stdout.write(
  [
    `${minutes} minutes, ${sequence} results of 20 objects`,
    '| stream | produced | sent | left out | arrived | |',
    '|---|---|---|---|---|---|',
    ...rows,
    `per result, all four streams: ${(publishMs / sequence).toFixed(3)} ms on the event loop; its delay p99 ${(loop.percentile(99) / 1e6).toFixed(1)} ms`,
    `memory by tenths of the run, MB: ${tenths.join(', ')}`,
    '',
  ].join('\n'),
);
await listener.close();
program?.terminate();
await stopWeb();
await stopBroker();
