import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { startBroker } from '../../../src/adapters/aedes/index.ts';
import { MqttjsTransport } from '../../../src/adapters/mqttjs/index.ts';
import { SystemClock } from '../../../src/adapters/system/index.ts';
import { silentLog } from '../../../src/base/index.ts';
import { decodeMessage, encodeCall, metricNames, topics } from '../../../src/protocol/index.ts';
import { answers, freePort, mosquittoMissing } from '../../contract/brokers.ts';
import type { CamerasAnswer } from '../children/messages.ts';
import type { BenchContext, BenchStage } from '../context.ts';
import { judge, quantile, type Row } from '../measure.ts';
import { realData } from '../model.ts';
import { runOurs } from './cameras.ts';
import { mostLoopP99Ms } from './one-camera.ts';

const root = resolve(import.meta.dirname, '../../..');
const goshawk = join(root, 'dist/src/cli/main.js');
const device = 'bench';
const clock = new SystemClock();
const sleep = (ms: number) => new Promise<void>((done) => clock.after(ms, done));

interface Ending {
  close(): Promise<void>;
}

/** How often the agent reads its own loop. */
const windowSeconds = 10;

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = new Promise((done) => child.once('exit', done));
  child.kill('SIGTERM');
  await exit;
}

/** Mosquitto where it is installed, as on a device; else our own broker, in this process. */
async function openBroker(folder: string): Promise<Ending & { readonly name: string; readonly url: string }> {
  if (mosquittoMissing !== undefined) {
    const password = { password: 'of the bench' };
    const broker = await startBroker({
      port: 0,
      users: [
        { username: device, role: 'device', ...password },
        { username: 'controller', role: 'controller', ...password },
      ],
    });
    return { name: 'aedes', url: `mqtt://127.0.0.1:${broker.port}`, close: () => broker.close() };
  }
  const port = await freePort();
  const config = join(folder, 'mosquitto.conf');
  writeFileSync(config, `listener ${port} 127.0.0.1\nallow_anonymous true\n`);
  const child = spawn('mosquitto', ['-c', config], { stdio: 'ignore' });
  for (let attempt = 0; attempt < 100 && !(await answers(port)); attempt++) await sleep(50);
  return { name: 'Mosquitto', url: `mqtt://127.0.0.1:${port}`, close: () => ended(child) };
}

/** The other end: acknowledges what comes, and knows what the agent reads of its own loop. */
function watchDevice(url: string): Ending & { readonly readings: number[] } {
  const readings: number[] = [];
  let alias: number | undefined;
  const transport = new MqttjsTransport(
    { url, clientId: 'controller', username: 'controller', password: 'of the bench' },
    { clock, log: silentLog, random: Math.random },
  );
  const acknowledge = (entry: number) =>
    void transport
      .publish({
        topic: topics.call(device, 'ack'),
        payload: encodeCall('ack', { entries: [entry] }),
        qos: 1,
        retain: false,
        contentType: 'application/json',
      })
      .catch(() => {});
  transport.onMessage(({ topic, payload }) => {
    const message = decodeMessage(topic, payload);
    if (message.kind === 'state' && message.payload.online)
      alias = message.payload.catalogue.find(({ name }) => name === metricNames.eventLoopDelay)?.alias;
    if (message.kind === 'events') acknowledge(message.payload.entry);
    if (message.kind !== 'metrics') return;
    acknowledge(message.payload.entry);
    for (const [, of, value] of message.payload.samples)
      if (of === alias && typeof value === 'number') readings.push(value * 1000);
  });
  for (const topic of [topics.state(device), topics.metrics(device), topics.events(device)])
    transport.subscribe(topic, 1);
  transport.start();
  return { readings, close: () => transport.close() };
}

/** The bundle as a user makes it. */
function importBundle(context: BenchContext): string {
  const onnx = realData('models/yolox-nano/yolox_nano.onnx');
  const labels = realData('models/coco80.txt');
  if (onnx === undefined || labels === undefined) return join(root, 'models/street');
  const out = join(context.folder, 'bundle');
  const how = ['--decoder', 'yolox', '--labels', labels, '--out', out, '--replace'];
  const made = spawnSync(process.execPath, [goshawk, 'model', 'import', onnx, ...how], { encoding: 'utf8' });
  if (made.status !== 0) throw new Error(`The bundle of the bench was not made:\n${made.stderr}`);
  return out;
}

function started(child: ChildProcess): Promise<void> {
  return new Promise((done, reject) => {
    createInterface({ input: child.stdout! }).on('line', (line) => {
      if (line.includes('"started"')) done();
    });
    child.once('exit', (code) => reject(new Error(`goshawk agent ended with ${code}`)));
  });
}

/** What the agent read of its own loop, window by window, and an idle process meanwhile. */
async function runAgent(
  context: BenchContext,
  settings: Record<string, unknown>,
): Promise<{ readonly windows: readonly number[]; readonly idle: CamerasAnswer }> {
  const windows = context.quick ? 1 : 3;
  const broker = await openBroker(context.folder);
  const controller = watchDevice(broker.url);
  const folder = join(context.folder, `agent-${clock.wallMs()}`);
  mkdirSync(folder);
  const password = join(folder, 'password');
  writeFileSync(password, 'of the bench', { mode: 0o600 });
  const config = join(folder, 'agent.json');
  const to = { url: broker.url, username: device, passwordFile: password };
  writeFileSync(
    config,
    JSON.stringify({
      ...settings,
      device,
      dataDir: join(folder, 'data'),
      broker: to,
      metricsEverySeconds: windowSeconds,
    }),
    { mode: 0o600 },
  );
  const agent = spawn(process.execPath, [goshawk, 'agent', '--config', config, '--json', '--log', 'error'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    await started(agent);
    // Of the start itself, and of an engine that is still cold.
    while (controller.readings.length < 1) await sleep(100);
    const idle = await runOurs(context, {
      cameras: 0,
      workers: 1,
      threads: 1,
      engine: 'onnxruntime',
      seconds: windows * windowSeconds - 2,
    });
    while (controller.readings.length < 1 + windows) await sleep(100);
    return { windows: controller.readings.slice(1, 1 + windows), idle };
  } finally {
    await ended(agent);
    await controller.close();
    await broker.close();
  }
}

/** The whole `goshawk agent`, watch for drift, outbox and MQTT included: what it reads of its own event loop. */
export const agentStage: BenchStage = {
  name: 'agent',
  about: "the whole agent's own reading of its event loop, one camera, windows of 10 s, 1 ms being none",
  async run(context) {
    const built = spawnSync(process.execPath, [join(root, 'deploy/checkout/build.mjs')], {
      encoding: 'utf8',
    });
    if (built.status !== 0) throw new Error(`The agent is not built:\n${built.stderr}`);
    const model = importBundle(context);
    const video = realData('video/vtest.avi');
    const cameras = {
      'sim, 30 frames/s': { source: 'sim', fps: 30 },
      ...(video === undefined ? {} : { 'vtest.avi': { source: video, fps: 10 } }),
    };
    const engines = { native: 'onnxruntime', worker: 'onnxruntime-node' } as const;
    const rows: Row[] = [];
    const verdicts = [];
    for (const name of context.native ? (['native', 'worker'] as const) : (['worker'] as const)) {
      for (const [title, camera] of Object.entries(cameras)) {
        const what = `${name}, ${title}`;
        context.progress(`agent: ${what}`);
        const settings = { model, engine: engines[name], cameras: { camera } };
        const { windows, idle } = await runAgent(context, settings);
        rows.push(
          { name: what, ours: true, values: { loopP99Ms: quantile(windows, 0.5) } },
          { name: 'idle process beside it', ours: false, values: { loopP99Ms: idle.loopP99Ms } },
        );
        verdicts.push(judge(`${what}: p99`, windows, 'at most', mostLoopP99Ms[name], 'ms'));
      }
    }
    return { stage: this.name, rows, verdicts, notes: [] };
  },
};
