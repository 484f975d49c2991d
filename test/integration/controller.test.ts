import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Broker, startBroker } from '../../src/adapters/aedes/index.ts';
import { artifactFolder } from '../../src/adapters/artifacts/index.ts';
import { nodeSecrets } from '../../src/adapters/crypto/index.ts';
import { FleetServer } from '../../src/adapters/fastify/index.ts';
import { MqttjsTransport } from '../../src/adapters/mqttjs/index.ts';
import { FleetMetrics } from '../../src/adapters/prometheus/index.ts';
import { SqliteStore } from '../../src/adapters/sqlite/index.ts';
import { SystemClock } from '../../src/adapters/system/index.ts';
import type { DeviceDetail, EventList, MetricAnswer } from '../../src/api/index.ts';
import { silentLog } from '../../src/base/index.ts';
import { FleetController } from '../../src/controller/index.ts';
import { decodePayload, encodePayload, metricNames, topics } from '../../src/protocol/index.ts';
import { birth } from '../fakes/test-fleet.ts';

const clock = new SystemClock();
const ports = { clock, log: silentLog, random: Math.random };
let folder: string;
let broker: Broker;
let device: MqttjsTransport;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'goshawk-fleet-'));
  broker = await startBroker({ port: 0 });
  device = new MqttjsTransport({ url: broker.url, clientId: 'd1' }, ports);
  device.start();
});
afterEach(async () => {
  await device.close();
  await broker.close();
  rmSync(folder, { recursive: true, force: true });
});

const until = async (holds: () => boolean) => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10));
};

/** The whole controller as the CLI wires it, on the same disk each time. */
async function controller() {
  const artifacts = artifactFolder(join(folder, 'artifacts'));
  const store = await SqliteStore.open({ file: join(folder, 'fleet.db') });
  const transport = new MqttjsTransport({ url: broker.url, clientId: 'controller' }, ports);
  const controller = new FleetController({ ...ports, transport, store, artifacts, secrets: nodeSecrets });
  await controller.start();
  const server = new FleetServer(
    { controller, metrics: new FleetMetrics(controller), clock, log: silentLog },
    { host: '127.0.0.1', port: 0, version: '0' },
  );
  const url = await server.listen();
  const token = (await controller.access.createFirstAdmin())?.token;
  return {
    controller,
    token,
    async get<T>(path: string, as: string): Promise<T> {
      const response = await fetch(`${url}/api/v1${path}`, { headers: { authorization: `Bearer ${as}` } });
      return (await response.json()) as T;
    },
    async close() {
      await server.close();
      await controller.close();
    },
  };
}

const say = (topic: string, payload: Uint8Array, retain = false) =>
  device.publish({ topic, payload, qos: 1, retain });

test('over a real broker and a real database: what a device sends is kept once, over a restart of the controller', async () => {
  const acked = new Set<number>();
  let desired: unknown;
  device.onMessage(({ topic, payload }) => {
    if (topic === topics.call('d1', 'ack'))
      for (const entry of (JSON.parse(new TextDecoder().decode(payload)) as { entries: number[] }).entries)
        acked.add(entry);
    if (topic === topics.desired('d1')) desired = decodePayload('desired', payload, topic);
  });
  device.subscribe('goshawk/1/d1/desired', 1);
  device.subscribe('goshawk/1/d1/call/#', 1);
  await until(() => device.status().state === 'online');

  let running = await controller();
  const token = running.token!;
  await until(() => running.controller.summary.current().broker === 'online');
  await say(topics.state('d1'), encodePayload('state', birth), true);
  const t0 = Date.now();
  const send = async (sequence: number) => {
    const samples: [number, number, number][] = [[t0 + sequence, 1, sequence]];
    await say(
      topics.metrics('d1'),
      encodePayload('metrics', { session: 1, sequence, entry: 2 * sequence, historical: false, samples }),
    );
    await say(
      topics.events('d1'),
      encodePayload('events', {
        id: `event-${String(sequence).padStart(4, '0')}`,
        entry: 2 * sequence + 1,
        session: 1,
        timeMs: t0,
        kind: 'camera.lost',
        severity: 'warning',
        message: 'Gone.',
      }),
    );
  };
  for (let sequence = 0; sequence < 50; sequence++) await send(sequence);
  await until(() => acked.size === 100);
  await running.controller.desiredState.setDevice(
    { tokenId: '1', name: 'ann', role: 'admin' },
    'd1',
    { pipelines: { '*': { scoreThreshold: 0.4 } } },
    true,
  );
  await until(() => desired !== undefined);
  expect(desired).toMatchObject({ generation: 1, pipelines: { '*': { scoreThreshold: 0.4 } } });
  await running.close();

  // The device does not know what arrived: it sends the end again, and more.
  running = await controller();
  expect(running.token).toBeUndefined();
  await until(() => running.controller.registry.get('d1')?.online === true);
  for (let sequence = 40; sequence < 60; sequence++) await send(sequence);
  await until(() => acked.size === 120);

  // That the device came is the controller's own event.
  const events = await running.get<EventList>('/devices/d1/events?kind=camera&limit=1000', token);
  expect(events.events.map(({ id }) => id).sort()).toEqual(
    Array.from({ length: 60 }, (_, i) => `event-${String(i).padStart(4, '0')}`),
  );
  const metrics = await running.get<MetricAnswer>(
    `/devices/d1/metrics?name=${metricNames.fps}&from=${t0 - 3_600_000}&to=${t0 + 3_600_000}&step=3600000`,
    token,
  );
  const counts = metrics.series[0]?.count ?? [];
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(60);
  const detail = await running.get<DeviceDetail>('/devices/d1', token);
  expect(detail).toMatchObject({
    summary: { online: true, warnings: 60, board: 'test board' },
    desired: { generation: 1 },
  });
  expect(running.controller.counters.gaps).toBe(0);
  expect(await running.controller.audit.check()).toMatchObject({ intact: true });
  await running.close();
});
