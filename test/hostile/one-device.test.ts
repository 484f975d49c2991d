import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Broker, startBroker } from '../../src/adapters/aedes/index.ts';
import { nodeSecrets } from '../../src/adapters/crypto/index.ts';
import { MqttjsTransport } from '../../src/adapters/mqttjs/index.ts';
import { SystemClock } from '../../src/adapters/system/index.ts';
import { silentLog } from '../../src/base/index.ts';
import { FleetController } from '../../src/controller/index.ts';
import { type Desired, decodePayload, encodePayload, topics } from '../../src/protocol/index.ts';
import { fakeArtifacts } from '../fakes/fake-artifacts.ts';
import { admin, birth } from '../fakes/test-fleet.ts';
import { openSqliteStore } from '../fixtures/sqlite-store.ts';

// A device with a valid certificate, and what an earlier version left in the database, against the controller.

const clock = new SystemClock();
const ports = { clock, log: silentLog, random: Math.random };
const highest = Number.MAX_SAFE_INTEGER;
const large = {
  pipelines: Object.fromEntries(
    ['a', 'b', 'c'].map((camera) => [
      camera,
      { classes: Array.from({ length: 1000 }, (_, i) => `${camera}${i}`.padEnd(100, 'x')) },
    ]),
  ),
};

let folder: string;
let broker: Broker;
let devices: MqttjsTransport;
const orders = new Map<string, Desired>();
const uncaught: unknown[] = [];
const note = (error: unknown) => uncaught.push(error);

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'goshawk-hostile-'));
  broker = await startBroker({ port: 0 });
  devices = new MqttjsTransport({ url: broker.url, clientId: 'devices' }, ports);
  orders.clear();
  uncaught.length = 0;
  process.on('uncaughtException', note);
  devices.onMessage(({ topic, payload }) => {
    const [, , device = '', kind] = topic.split('/');
    if (kind === 'desired' && payload.byteLength > 0)
      orders.set(device, decodePayload('desired', payload, topic));
  });
  devices.subscribe('goshawk/1/+/desired', 1);
  devices.start();
  await until(() => devices.status().state === 'online');
});
afterEach(async () => {
  process.off('uncaughtException', note);
  await devices.close();
  await broker.close();
  rmSync(folder, { recursive: true, force: true });
});

const until = async (holds: () => boolean | Promise<boolean>) => {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20));
};
const openStore = () => openSqliteStore(join(folder, 'fleet.db'));

async function startController() {
  const transport = new MqttjsTransport({ url: broker.url, clientId: 'controller' }, ports);
  const artifacts = fakeArtifacts();
  const store = openStore();
  const controller = new FleetController({ ...ports, transport, store, artifacts, secrets: nodeSecrets });
  await controller.start();
  await until(() => transport.status().state === 'online');
  return controller;
}

const kinds = async (controller: FleetController, device: string) =>
  (await controller.events.listOfDevice(device, {})).events.map(({ kind }) => kind);

const retain = (topic: string, payload: Uint8Array) =>
  devices.publish({ topic, payload, qos: 1, retain: true });
const born = (id: string, groups: string[] = []) =>
  retain(topics.state(id), encodePayload('state', { ...birth, groups, cameras: ['a', 'b', 'c', 'd'] }));
const report = (id: string, generation: number) =>
  retain(
    topics.reported(id),
    encodePayload('reported', {
      ...{ generation, session: 1, timeMs: clock.wallMs() },
      ...{ slots: {}, pipelines: {} },
    }),
  );

test('a device that claims the highest generation there is gets an event, and the others their orders, before and after a restart', async () => {
  let controller = await startController();
  await controller.desiredState.setGroup(admin, 'all', { pipelines: { '*': { scoreThreshold: 0.5 } } });
  await born('bad', ['all']);
  await born('good', ['all']);
  await report('bad', highest);
  await report('bad', highest - 1);
  await until(() => orders.has('good') && orders.has('bad'));
  await until(async () => (await kinds(controller, 'bad')).includes('device.generation-implausible'));
  expect(orders.get('bad')?.generation).toBeLessThan(10);
  // Whatever it runs, nobody may take it for one that does what it was told.
  const { health } = controller.registry.summary(controller.registry.expect('bad'));
  expect(health.problems).toEqual([
    { kind: 'order-ignored', what: expect.stringContaining(`acts on order ${highest - 1}`) },
  ]);
  await controller.close();

  controller = await startController();
  const answer = await controller.desiredState.setGroup(admin, 'all', {
    pipelines: { '*': { scoreThreshold: 0.25 } },
  });
  await until(() => orders.get('good')?.pipelines?.['*']?.scoreThreshold === 0.25);
  expect(answer.generations.bad).toBeLessThan(10);
  expect(uncaught).toEqual([]);
  await controller.close();
});

test('an order that is too large is refused as such, nothing of it is committed, and the next one is followed', async () => {
  let controller = await startController();
  await born('d1');
  await until(() => controller.registry.get('d1')?.online === true);
  await expect(controller.desiredState.setDevice(admin, 'd1', large)).rejects.toMatchObject({
    name: 'InputError',
    code: 'order-too-large',
  });
  await expect(controller.desiredState.setGroup(admin, 'all', large)).rejects.toMatchObject({
    code: 'order-too-large',
  });
  expect(controller.registry.get('d1')?.settings).toEqual({});
  expect(controller.groups.list().groups).toEqual([]);
  await controller.close();

  controller = await startController();
  await controller.desiredState.setDevice(admin, 'd1', { pipelines: { '*': { enabled: false } } });
  await until(() => orders.get('d1')?.pipelines?.['*']?.enabled === false);
  expect(uncaught).toEqual([]);
  await controller.close();
});

test('a device that names itself in every group keeps no order from the members of one', async () => {
  const controller = await startController();
  const { a, b, c } = large.pipelines as Record<string, { classes: string[] }>;
  await controller.desiredState.setGroup(admin, 'one', { pipelines: { a: a!, b: b! } });
  await born('bad', ['one', 'two']);
  await born('good', ['two']);
  await until(() => orders.has('bad') && controller.registry.size === 2);
  const { generations } = await controller.desiredState.setGroup(admin, 'two', {
    pipelines: { c: c!, d: { classes: a!.classes.slice(0, 100) } },
  });
  expect(Object.keys(generations)).toEqual(['good']);
  await until(() => orders.has('good'));
  await until(async () => (await kinds(controller, 'bad')).includes('device.order-too-large'));
  expect(orders.get('bad')?.pipelines?.c).toBeUndefined();
  await controller.close();
});

test('A database with orders that cannot be published, and damaged rows, starts; other devices get their orders', async () => {
  const timeMs = clock.wallMs();
  const store = openStore();
  const settings = { pipelines: { '*': { enabled: true } } };
  await store.commit({
    changes: [
      { kind: 'group', group: { name: 'all', members: ['high', 'large', 'good'], settings } },
      { kind: 'desired', device: 'high', desired: { generation: 2 ** 53, timeMs, ...settings } },
      { kind: 'desired', device: 'large', desired: { generation: 7, timeMs, ...large } },
      { kind: 'settings', device: 'large', settings: large },
      { kind: 'desired', device: 'good', desired: { generation: 3, timeMs, ...settings } },
      { kind: 'seen', id: 'torn', lastSeenMs: timeMs },
    ],
  });
  await store.close();
  const { openDatabase } = await import('../../src/platform/index.ts');
  const database = openDatabase(join(folder, 'fleet.db'));
  database.exec(`UPDATE device SET birth = '{"online":tr', desired = '[' WHERE name = 'torn'`);
  database.exec(`INSERT INTO alert_rule VALUES ('r1', '{')`);
  database.close();

  const controller = await startController();
  await until(() => orders.has('good'));
  expect(orders.get('good')?.generation).toBe(3);
  await controller.flush();
  expect(await kinds(controller, 'high')).toContain('device.order-set-aside');
  expect(await kinds(controller, 'large')).toContain('device.order-set-aside');
  expect(await kinds(controller, 'torn')).toContain('device.row-set-aside');
  await born('high');
  await until(() => orders.has('high'));
  expect(orders.get('high')?.generation).toBe(1);
  expect(uncaught).toEqual([]);
  await controller.close();
});
