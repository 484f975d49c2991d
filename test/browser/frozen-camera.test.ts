import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeSecrets } from '../../src/adapters/crypto/node-secrets.ts';
import { FleetServer } from '../../src/adapters/fastify/index.ts';
import { FleetMetrics } from '../../src/adapters/prometheus/index.ts';
import { silentLog } from '../../src/base/index.ts';
import { FleetController } from '../../src/controller/index.ts';
import { decodeCall, encodePayload, topics } from '../../src/protocol/index.ts';
import { driftData, driftStatus, frozen } from '../fakes/drift-events.ts';
import { fakeArtifacts } from '../fakes/fake-artifacts.ts';
import { drawPreview } from '../fakes/fake-picture.ts';
import { FakeStore } from '../fakes/fake-store.ts';
import { FakeBroker, FakeTransport } from '../fakes/fake-transport.ts';
import { FastClock } from '../fakes/fast-clock.ts';
import { admin, birth, slot } from '../fakes/test-fleet.ts';
import { browserMissing, dashboardBrowser } from './browser.ts';

const title = `A frozen camera on every page${browserMissing ? `, skipped: ${browserMissing}` : ''}`;
/** Where pictures of the pages are left for a person to look at. */
const shots = process.env.DASHBOARD_PICTURES;

describe.skipIf(browserMissing !== undefined)(title, () => {
  const clock = new FastClock(20);
  const broker = new FakeBroker(clock);
  const devices = new FakeTransport(broker, 'devices');
  const ids = ['cam-1', 'cam-2'];
  const frozenSinceMs = Date.now() - 185_000;
  let controller: FleetController;
  let server: FleetServer;
  const browser = dashboardBrowser();
  let page: Page;
  let faults: string[];
  let beat: NodeJS.Timeout;

  const publish = (topic: string, payload: Uint8Array, retain = false) =>
    devices.publish({ topic, payload, qos: 1, retain, contentType: 'application/json' });
  const open = (path: string) => page.goto(`${page.url().split('#')[0]}#${path}`);
  const keep = async (name: string) => {
    if (shots === undefined) return;
    mkdirSync(shots, { recursive: true });
    await page.screenshot({ path: join(shots, `${name}.png`) });
  };

  /** A camera that is frozen goes on sending what it saw last. */
  async function sendPicture(topic: string, payload: Uint8Array): Promise<void> {
    const id = ids.find((one) => topic === topics.call(one, 'preview'));
    if (id === undefined) return;
    const { camera } = decodeCall('preview', payload, topic);
    const { jpeg, ...frame } = await drawPreview(clock.wallMs(), { name: 'street', version: '1.0.0' });
    const bytes = new Uint8Array(Buffer.from(jpeg, 'base64'));
    await publish(topics.preview(id, camera), encodePayload('preview', { ...frame, jpeg: bytes }));
  }

  function report(id: string): Uint8Array {
    const incident = { number: 1, verdict: frozen, sinceMs: frozenSinceMs, grade: 'alarm' as const };
    return encodePayload('reported', {
      ...{ generation: 0, session: 1, timeMs: clock.wallMs(), pipelines: {} },
      slots: { main: slot() },
      cameras: { front: { targetFps: 30 } },
      drift: { front: driftStatus(id === 'cam-1' ? { incident } : {}) },
    });
  }

  beforeAll(async () => {
    controller = new FleetController(
      {
        ...{ clock, log: silentLog, store: new FakeStore(), secrets: nodeSecrets },
        transport: new FakeTransport(broker, 'controller'),
        artifacts: fakeArtifacts(),
      },
      { usualRules: true },
    );
    await controller.start();
    server = new FleetServer(
      { controller, metrics: new FleetMetrics(controller), clock, log: silentLog },
      {
        ...{ host: '127.0.0.1', port: 0, dashboard: browser.folder, version: '0.0.0' },
      },
    );
    const address = await server.listen();
    const { token } = await controller.access.createToken(admin, { name: 'browser', role: 'admin' });
    devices.onMessage(({ topic, payload }) => void sendPicture(topic, payload));
    devices.subscribe('goshawk/1/+/call/#', 1);
    devices.start();
    await new Promise<void>((resolve) => {
      const seen = () => devices.status().state === 'online' && resolve();
      devices.onStatus(seen);
      seen();
    });
    let sequence = 0;
    for (const id of ids)
      await publish(topics.state(id), encodePayload('state', { ...birth, timeMs: Date.now() }), true);
    beat = setInterval(() => {
      for (const id of ids) {
        const samples: [number, number, number][] = [[clock.wallMs(), 1, 29]];
        const batch = { session: 1, sequence, entry: sequence, historical: false, samples };
        void publish(topics.metrics(id), encodePayload('metrics', batch));
        if (sequence % 10 === 0) void publish(topics.reported(id), report(id), true);
      }
      sequence += 1;
    }, 200);
    await publish(
      topics.events('cam-1'),
      encodePayload('events', {
        ...{ id: 'event-0001', entry: 9000, session: 1, timeMs: frozenSinceMs, camera: 'front' },
        ...{ kind: 'drift.alarm', severity: 'error', message: 'sensor fault: frozen' },
        data: { ...driftData(frozen, 60) },
      }),
    );
    const viewport = { width: 1600, height: 1000 };
    ({ page, faults } = await browser.open({ viewport }));
    await page.goto(`${address}/#token=${token}&to=/devices`);
  });

  afterAll(async () => {
    clearInterval(beat);
    await page?.context().close();
    await devices.close();
    await server?.close();
    await controller?.close();
  });

  it('is blind in its row, with the reason and an alert, while its neighbour is well', async () => {
    const blind = page.locator('.row', { hasText: 'cam-1' });
    await blind.locator('.alert-count').waitFor();
    expect(await blind.locator('.cell-status').textContent()).toContain('Blind');
    expect(await blind.locator('.health-reason').textContent()).toBe('front: frozen');
    expect(await blind.locator('.alert-count').textContent()).toContain('1');
    const well = page.locator('.row', { hasText: 'cam-2' });
    expect(await well.locator('.cell-status').textContent()).toContain('OK');
    expect(await well.locator('.alert-count').count()).toBe(0);
    const figures = page.locator('.fleet-figures');
    await figures.getByText('1 blind').waitFor();
    expect(await figures.locator('.figure', { hasText: 'Alerts' }).textContent()).toMatch(
      /1.*1 device needs attention/,
    );
    await keep('fleet');
    expect(faults).toEqual([]);
  });

  it('is the same alert, counted the same, on the page of drift', async () => {
    await open('/drift');
    const alert = page.locator('.alert-row');
    await alert.waitFor();
    expect(await alert.count()).toBe(1);
    expect(await alert.textContent()).toContain('cam-1/front: frozen');
    const figure = page.locator('.drift-figures .figure', { hasText: 'Alerts' });
    await figure.getByText('active', { exact: true }).waitFor();
    expect(await figure.locator('.figure-value').textContent()).toBe('1');
    expect(await page.locator('.nav-count').textContent()).toContain('1');
    const row = page.locator('.cameras tbody tr', { hasText: 'cam-1' });
    expect(await row.textContent()).toContain('Sensor fault: frozen');
    expect(await row.locator('[data-name="State"]').textContent()).toBe('Blind: frozen');
    await keep('drift');
    expect(faults).toEqual([]);
  });

  it('is never called live: its picture says how old it is', async () => {
    await open('/devices/cam-1');
    const badge = page.locator('.stage-badge');
    await badge.getByText('Frozen').waitFor();
    expect(await badge.textContent()).toMatch(/Frozen · [3-9] min old/);
    await page.locator('.health-note').getByText('1 active alert').waitFor();
    expect(await page.locator('.health-note').textContent()).toContain('Blind. front: frozen.');
    const health = page.locator('[data-camera="front"]');
    await health.getByText('Blind', { exact: true }).waitFor();
    await health.getByText('It sees nothing: frozen.').waitFor();
    await keep('device-frozen');
    await open('/devices/cam-2');
    await badge.getByText('Live').waitFor();
    expect(await page.locator('.health-note').count()).toBe(0);
    await keep('device-live');
    expect(faults).toEqual([]);
  });

  it('leaves every rule as ordinary as any other', async () => {
    await open('/settings/rules');
    const last = page.locator('.rules tbody tr').nth(controller.alerts.listRules('viewer').rules.length - 1);
    await last.waitFor();
    await keep('rules');
    await page.getByRole('button', { name: 'Delete disk low' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await last.waitFor({ state: 'detached' });
    expect(controller.alerts.listRules('viewer').rules.map(({ name }) => name)).not.toContain('disk low');
    expect(faults).toEqual([]);
  });
});
