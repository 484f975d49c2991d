/**
 * How fast a device hands over what it kept while it was offline: `node --import tsx test/bench/outbox-drain.ts
 * [--entries 3000] [--samples 60]`. A device with a backlog of batches in its outbox (SQLite), the built-in broker and a
 * controller with its database, each as in production but in one process. Meanwhile the device reports an event every
 * half second; printed is how long those took to the broker, since a backlog must not hold up what happens now.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startBroker } from '../../src/adapters/aedes/index.ts';
import { nodeSecrets } from '../../src/adapters/crypto/index.ts';
import { MqttjsTransport } from '../../src/adapters/mqttjs/index.ts';
import { SqliteOutboxStore } from '../../src/adapters/outbox/index.ts';
import { SqliteStore } from '../../src/adapters/sqlite/index.ts';
import { AgentStateFile, randomId, SystemClock, SystemMachine } from '../../src/adapters/system/index.ts';
import { DeviceAgent, freshAgentState } from '../../src/agent/index.ts';
import { percentile, silentLog } from '../../src/base/index.ts';
import { FleetController } from '../../src/controller/index.ts';
import { type CatalogueEntry, decodePayload, encodePayload } from '../../src/protocol/index.ts';
import { fakeArtifacts } from '../fakes/fake-artifacts.ts';
import { deviceOptions, FakeModels } from '../fakes/fake-device.ts';
import { FakeDetector, FakePipeline } from '../fakes/fake-pipeline.ts';

const { values } = parseArgs({
  options: {
    entries: { type: 'string', default: '3000' },
    samples: { type: 'string', default: '60' },
  },
});
const entries = Number(values.entries);
const samples = Number(values.samples);

const folder = mkdtempSync(join(tmpdir(), 'goshawk-drain-'));
const clock = new SystemClock();
const ports = { clock, log: silentLog, random: Math.random };
const broker = await startBroker({ port: 0 });
const connect = (clientId: string) => new MqttjsTransport({ url: broker.url, clientId, tls: {} }, ports);
const store = await SqliteStore.open({ file: join(folder, 'fleet.db') });
const controller = new FleetController({
  ...{ clock, store, log: silentLog, secrets: nodeSecrets, artifacts: fakeArtifacts() },
  transport: connect('controller'),
});
await controller.start();

/** What an earlier session left: batches of ten seconds, and the names of what is in them. */
const catalogue: CatalogueEntry[] = Array.from({ length: samples }, (_, alias) => {
  return { alias, name: `bench_${alias}`, unit: '1', kind: 'gauge' };
});
const beganMs = Date.now() - entries * 10_000;
const state = { ...freshAgentState(beganMs), catalogue };
await new AgentStateFile(join(folder, 'memory.json')).save(state);
const outboxOptions = { folder: join(folder, 'outbox'), maxFileBytes: 1e9, nowMs: () => beganMs };
const filling = new SqliteOutboxStore(outboxOptions);
const { nextEntry } = await filling.open();
for (let from = 0; from < entries; from += 500)
  await Promise.all(
    Array.from({ length: Math.min(500, entries - from) }, (_, index) => {
      const sequence = from + index;
      const payload = encodePayload('metrics', {
        session: state.session,
        sequence,
        entry: nextEntry + sequence,
        historical: false,
        samples: catalogue.map(({ alias }) => [beganMs + sequence * 10_000, alias, sequence + alias / 7]),
      });
      return filling.append({
        entry: nextEntry + sequence,
        kind: 'metrics',
        bytes: payload.length,
        session: state.session,
        thinned: 0,
        payload,
      });
    }),
  );
await filling.close();

const made = new Map<string, number>();
const latenciesMs: number[] = [];
const watcher = connect('watcher');
watcher.subscribe('goshawk/1/d1/events', 1);
watcher.onMessage(({ topic, payload }) => {
  const { data } = decodePayload('events', payload, topic);
  const madeMs = made.get(String(data?.mark));
  if (madeMs !== undefined) latenciesMs.push(performance.now() - madeMs);
  made.delete(String(data?.mark));
});
watcher.start();

const detector = new FakeDetector(`sha256:${'a'.repeat(64)}`);
const machine = new SystemMachine();
const agent = await DeviceAgent.start(
  { ...deviceOptions, outboxBytes: 1e9 },
  {
    ...{ ...ports, machine, newId: randomId, parts: {} },
    transport: () => connect('d1'),
    memory: new AgentStateFile(join(folder, 'memory.json')),
    outbox: new SqliteOutboxStore(outboxOptions),
    deployment: { models: new FakeModels(), factory: () => ({ create: async () => detector }) },
  },
  { pipeline: new FakePipeline(detector), detectors: new Map([['main', detector]]) },
);
const begin = performance.now();
let marks = 0;
const marking = setInterval(() => {
  const mark = `mark-${marks++}`;
  made.set(mark, performance.now());
  void agent.reportEvent({ kind: 'bench.mark', severity: 'info', message: mark, data: { mark } });
}, 500);
const cpu = process.cpuUsage();
// What happens now stays in the outbox until it is acknowledged, so it is never quite empty.
const few = 20;
while (agent.outboxStats.entries > few) await new Promise((resolve) => setTimeout(resolve, 50));
const tookS = (performance.now() - begin) / 1000;
const used = process.cpuUsage(cpu);
clearInterval(marking);
console.log(
  `drained     ${entries} entries in ${tookS.toFixed(1)} s: ${(entries / tookS).toFixed(0)} per second`,
);
console.log(
  `live events ${latenciesMs.length} of ${marks} meanwhile, p50 ${percentile(latenciesMs, 0.5).toFixed(0)} ms, p95 ${percentile(latenciesMs, 0.95).toFixed(0)} ms to the broker`,
);
console.log(`processor   ${((used.user + used.system) / 1e6 / tookS).toFixed(2)} cores, all three ends`);
await agent.close();
machine.close();
await watcher.close();
await controller.close();
await broker.close();
rmSync(folder, { recursive: true, force: true });
