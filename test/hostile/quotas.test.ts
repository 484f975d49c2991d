import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nodeSecrets } from '../../src/adapters/crypto/index.ts';
import { FleetServer } from '../../src/adapters/fastify/index.ts';
import { MqttjsTransport } from '../../src/adapters/mqttjs/index.ts';
import { FleetMetrics } from '../../src/adapters/prometheus/index.ts';
import { SqliteStore } from '../../src/adapters/sqlite/index.ts';
import { SystemClock } from '../../src/adapters/system/index.ts';
import type { EventList, MetricAnswer } from '../../src/api/index.ts';
import { silentLog } from '../../src/base/index.ts';
import { defaultQuotas, FleetController } from '../../src/controller/index.ts';
import { decodeCall, encodePayload, topics } from '../../src/protocol/index.ts';
import { fakeArtifacts } from '../fakes/fake-artifacts.ts';
import { admin, birth } from '../fakes/test-fleet.ts';
import type { FloodReport } from './flood-process.ts';
import { HoldWatch } from './thread-time.ts';

// A device with a valid identity floods the controller in every way that it may, while an honest one goes about its work.

const honest = 'honest';
const idleMs = 5_000;
const floodMs = 15_000;
const ports = { clock: new SystemClock(), log: silentLog, random: Math.random };
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const until = async (holds: () => boolean | Promise<boolean>) => {
  while (!(await holds())) await sleep(20);
};

let folder: string;
let others: ChildProcess;
let controller: FleetController;
let server: FleetServer;
let url: string;
let viewer: string;
let device: MqttjsTransport;
const acked = new Map<number, number>();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'goshawk-quotas-'));
  others = fork(fileURLToPath(new URL('./flood-process.ts', import.meta.url)), {
    execArgv: ['--import', 'tsx'],
  });
  const brokerUrl = (await ask<{ readonly url: string }>('broker')).url;
  const connect = (name: string) =>
    new MqttjsTransport({ url: brokerUrl, clientId: name, username: name, password: 'secret' }, ports);
  controller = new FleetController({
    ...ports,
    store: await SqliteStore.open({ file: join(folder, 'fleet.db') }),
    transport: connect('controller'),
    ...{ artifacts: fakeArtifacts(), secrets: nodeSecrets },
  });
  const metrics = new FleetMetrics(controller);
  const place = { host: '127.0.0.1', port: 0, version: '0.0.0', locate: () => undefined as never };
  server = new FleetServer({ controller, metrics, ...ports }, place);
  await controller.start();
  url = await server.listen();
  viewer = (await controller.access.createToken(admin, { name: 'v', role: 'viewer' })).token;
  device = connect(honest);
  device.onMessage(({ topic, payload }) => {
    if (!topic.endsWith('/ack')) return;
    for (const entry of decodeCall('ack', payload, topic).entries) acked.set(entry, performance.now());
  });
  device.subscribe(`goshawk/1/${honest}/call/#`, 1);
  device.start();
  await until(() => device.status().state === 'online' && controller.summary.current().broker === 'online');
}, 120_000);

afterAll(async () => {
  others.kill();
  await device.close();
  await server.close();
  await controller.close();
  rmSync(folder, { recursive: true, force: true });
});

async function ask<T>(question: string): Promise<T> {
  const answer = once(others, 'message');
  others.send(question);
  return (await answer)[0] as T;
}

interface Phase {
  /** The slowest answer. */
  readonly health: number;
  readonly waits: readonly number[];
  /** How long the event loop of the controller was held, at most and at 99 %. */
  readonly heldMs: number;
  readonly mostlyMs: number;
  readonly longestMs: number;
  readonly p99Ms: number;
}

/** One event and one batch every 100 ms; the waits until they were acknowledged. */
async function beHonest(
  first: number,
  durationMs: number,
): Promise<{ readonly last: number; waits(): number[] }> {
  const sent = new Map<number, number>();
  const endMs = performance.now() + durationMs;
  let entry = first;
  const publish = async (topic: string, payload: Uint8Array) => {
    sent.set(entry, performance.now());
    await device.publish({ topic, payload, qos: 1, retain: false });
    entry += 1;
  };
  while (performance.now() < endMs) {
    const timeMs = Date.now();
    await publish(
      topics.events(honest),
      encodePayload('events', {
        ...{ id: `honest-${entry}`, entry, session: 1, timeMs, kind: 'camera.lost', severity: 'error' },
        message: 'The camera is gone.',
      }),
    );
    await publish(
      topics.metrics(honest),
      encodePayload('metrics', {
        ...{ session: 1, sequence: Math.floor(entry / 2), entry, historical: false },
        samples: [[timeMs, 1, 30]],
      }),
    );
    await sleep(100);
  }
  const waits = () => [...sent].map(([one, atMs]) => (acked.get(one) ?? Number.POSITIVE_INFINITY) - atMs);
  await until(() => waits().every(Number.isFinite));
  return { last: entry, waits };
}

/** The longest time that `/healthz` took meanwhile; every answer must be one. */
async function watchHealth(work: () => Promise<unknown>): Promise<number> {
  let worstMs = 0;
  let over = false;
  const watching = (async () => {
    while (!over) {
      const startedMs = performance.now();
      const { status } = await fetch(`${url}/healthz`);
      expect(status).toBe(200);
      worstMs = Math.max(worstMs, performance.now() - startedMs);
      await sleep(50);
    }
  })();
  await work();
  over = true;
  await watching;
  return worstMs;
}

const get = async <T>(path: string) => {
  const response = await fetch(`${url}/api/v1${path}`, { headers: { authorization: `Bearer ${viewer}` } });
  const text = await response.text();
  return { status: response.status, bytes: text.length, body: JSON.parse(text) as T };
};

describe('While a device floods the controller', () => {
  /** Of the same work of the other process, without its messages: this machine may be slow for other reasons. */
  let idle: Phase;
  let flooded: Phase;
  let report: FloodReport;
  let entries: number;
  const pages: { readonly status: number; readonly bytes: number }[] = [];

  beforeAll(async () => {
    await device.publish({
      ...{ topic: topics.state(honest), payload: encodePayload('state', birth), qos: 1, retain: true },
    });
    let last = 0;
    const phase = async (durationMs: number, beside: () => Promise<void>) => {
      let waits: number[] = [];
      const delays = monitorEventLoopDelay({ resolution: 10 });
      delays.enable();
      const holds = new HoldWatch();
      const health = await watchHealth(async () => {
        const [done] = await Promise.all([beHonest(last, durationMs), beside()]);
        waits = done.waits();
        last = done.last;
      });
      delays.disable();
      return {
        health,
        waits,
        heldMs: delays.max / 1e6,
        mostlyMs: delays.percentile(99) / 1e6,
        ...holds.end(),
      };
    };
    idle = await phase(idleMs, async () => {
      const done = ask('work');
      await sleep(idleMs);
      others.send('stop');
      await done;
    });
    flooded = await phase(floodMs, async () => {
      const done = ask<{ readonly report: FloodReport }>('start');
      await sleep(floodMs / 2);
      for (const page of await Promise.all(Array.from({ length: 8 }, () => get('/events?limit=1000'))))
        pages.push(page);
      await sleep(floodMs / 2);
      others.send('stop');
      report = (await done).report;
    });
    entries = last;
  }, 180_000);

  test('it is asked and answers within a second, as far as the machine has one', () => {
    const shown = JSON.stringify(
      [idle, flooded].map(({ waits, ...rest }) => ({ ...rest, waits: Math.max(...waits) })),
    );
    expect(flooded.health, shown).toBeLessThan(1_000 + 3 * idle.health);
  });

  test('an honest one waits at most two seconds more and loses nothing', async () => {
    expect(Math.max(...flooded.waits)).toBeLessThan(2_000 + 2 * Math.max(...idle.waits));
    const seen = new Set<string>();
    let before: number | undefined;
    do {
      const page = await get<EventList>(
        `/devices/${honest}/events?limit=1000${before === undefined ? '' : `&before=${before}`}`,
      );
      for (const { id } of page.body.events) seen.add(id);
      before = page.body.next;
    } while (before !== undefined);
    expect(seen.size).toBe(entries / 2);
    const { body } = await get<MetricAnswer>(
      `/devices/${honest}/metrics?name=${birth.catalogue[0]?.name}&step=60000&from=${Date.now() - 3_600_000}`,
    );
    const counts = body.series.flatMap(({ count }) => count);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(entries / 2);
  });

  test('what it sends too much is left out, counted and told in its events', async () => {
    const { overQuota } = controller.counters;
    expect(report.events + report.batches).toBeGreaterThan(100);
    for (const what of ['series', 'new-series', 'bytes'] as const) expect(overQuota[what]).toBeGreaterThan(0);
    const { body } = await get<EventList>('/devices/hostile/events?kind=device.quota-exceeded&limit=1000');
    const told = body.events.map(({ data }) => data?.what).sort();
    expect(told).toEqual([...new Set(told)]);
    expect(told).toEqual(expect.arrayContaining(['bytes', 'new-series', 'series']));
  });

  test('its names take no more of the table than its share', () => {
    const catalogue = controller.registry.get('hostile')?.catalogues() ?? [];
    const known = new Set(catalogue.flatMap((aliases) => [...aliases.values()]));
    expect(known.size).toBeLessThanOrEqual(defaultQuotas.seriesPerDevice + 1);
  });

  test('its live pictures do not stay on the broker', () => {
    expect(report.previews).toBeGreaterThan(0);
    expect(report.refusedPreviews).toBe(report.previews);
  });

  test('pages of its large events are bounded', () => {
    expect(pages.map(({ status }) => status)).toEqual(Array(8).fill(200));
    for (const { bytes } of pages) expect(bytes).toBeLessThan(1.5 * 1024 * 1024);
  });
});
