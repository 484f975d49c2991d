import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeSecrets } from '../../src/adapters/crypto/node-secrets.ts';
import { FleetServer } from '../../src/adapters/fastify/index.ts';
import { FleetMetrics } from '../../src/adapters/prometheus/index.ts';
import { SqliteStore } from '../../src/adapters/sqlite/index.ts';
import { SystemClock } from '../../src/adapters/system/index.ts';
import { FleetController } from '../../src/controller/index.ts';
import { decodeCall, decodePayload, encodePayload, topics } from '../../src/protocol/index.ts';
import { driftData, driftStatus } from '../fakes/drift-events.ts';
import { fakeArtifacts } from '../fakes/fake-artifacts.ts';
import { foggyView } from '../fakes/fake-fleet-drift.ts';
import { drawPreview } from '../fakes/fake-picture.ts';
import { FakeBroker, FakeTransport } from '../fakes/fake-transport.ts';
import { RecordingLog } from '../fakes/recording-log.ts';
import { admin, birth, otherDigest, slot } from '../fakes/test-fleet.ts';
import { browserMissing, dashboardBrowser } from './browser.ts';

const title = `The dashboard on the real controller${browserMissing ? `, skipped: ${browserMissing}` : ''}`;

describe.skipIf(browserMissing !== undefined)(title, () => {
  const clock = new SystemClock();
  const log = new RecordingLog();
  const broker = new FakeBroker(clock);
  const device = new FakeTransport(broker, 'cam-1');
  let folder: string;
  let store: SqliteStore;
  let controller: FleetController;
  let server: FleetServer;
  const browser = dashboardBrowser();
  let page: Page;
  let faults: string[];
  let token: string;
  /** Of each request of the page: its address, and what it sends beside the header that carries the token. */
  const sent: string[] = [];
  let beat: NodeJS.Timeout;

  const publish = (topic: string, payload: Uint8Array, retain = false) =>
    device.publish({ topic, payload, qos: 1, retain, contentType: 'application/json' });

  /** A picture that is still drawn is told before the device leaves. */
  let acting = Promise.resolve();

  /** What the agent of cam-1 does with a desired state and with a request for pictures. */
  async function act(topic: string, payload: Uint8Array): Promise<void> {
    if (topic === topics.desired('cam-1') && payload.length > 0) {
      const desired = decodePayload('desired', payload, topic);
      const reported = {
        generation: desired.generation,
        session: 1,
        timeMs: clock.wallMs(),
        slots: { main: slot() },
        pipelines: desired.pipelines ?? {},
      };
      await publish(topics.reported('cam-1'), encodePayload('reported', reported), true);
    }
    if (topic === topics.call('cam-1', 'preview')) {
      const { camera } = decodeCall('preview', payload, topic);
      const { jpeg, ...frame } = await drawPreview(clock.wallMs(), { name: 'street', version: '1.0.0' });
      const bytes = new Uint8Array(Buffer.from(jpeg, 'base64'));
      await publish(topics.preview('cam-1', camera), encodePayload('preview', { ...frame, jpeg: bytes }));
    }
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'goshawk-controller-'));
    store = await SqliteStore.open({ file: join(folder, 'fleet.db') });
    const transport = new FakeTransport(broker, 'controller');
    const ports = {
      store,
      clock,
      transport,
      log,
      secrets: nodeSecrets,
      artifacts: fakeArtifacts(),
    };
    controller = new FleetController(ports);
    await controller.start();
    server = new FleetServer(
      { controller, metrics: new FleetMetrics(controller), clock, log },
      {
        host: '127.0.0.1',
        port: 0,
        dashboard: browser.folder,
        version: '0.0.0',
      },
    );
    const address = await server.listen();
    ({ token } = await controller.access.createToken(admin, { name: 'browser', role: 'operator' }));

    device.onMessage(({ topic, payload }) => {
      acting = acting.then(() => act(topic, payload));
    });
    device.subscribe('goshawk/1/cam-1/call/#', 1);
    device.subscribe('goshawk/1/cam-1/desired', 1);
    device.start();
    await new Promise((resolve) => setTimeout(resolve, 300));
    await publish(topics.state('cam-1'), encodePayload('state', { ...birth, timeMs: clock.wallMs() }), true);
    let sequence = 0;
    beat = setInterval(() => {
      const now = clock.wallMs();
      const samples: [number, number, number][] = [
        [now, 1, 28 + (sequence % 3)],
        [now, 3, 61],
      ];
      const batch = { session: 1, sequence, entry: sequence, historical: false, samples };
      sequence += 1;
      void publish(topics.metrics('cam-1'), encodePayload('metrics', batch));
    }, 500);

    const viewport = { width: 1440, height: 900 };
    ({ page, faults } = await browser.open({ viewport }));
    page.on('request', (request) => {
      const { authorization: _, ...headers } = request.headers();
      sent.push(JSON.stringify([request.url(), headers, request.postData()]));
    });
    await page.goto(`${address}/#token=${token}&to=/devices`);
  });

  afterAll(async () => {
    clearInterval(beat);
    await page?.context().close();
    await acting;
    await device.close();
    await server?.close();
    await controller?.close();
    await store?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('shows a device that was born on the broker, with its numbers', async () => {
    const row = page.locator('.row', { hasText: 'cam-1' });
    await row.locator('.tag-ok').first().waitFor();
    await page.waitForFunction(() =>
      /\d/.test(document.querySelector('.cell-fps .value')?.textContent ?? ''),
    );
    expect(await row.locator('.cell-thermal').textContent()).toContain('61 °C');
    expect(faults).toEqual([]);
  });

  it('shows its picture and its history', async () => {
    await page.getByRole('link', { name: 'cam-1', exact: true }).click();
    await page.locator('.picture:not(.picture-hidden)').waitFor();
    await page.locator('.chart-plot canvas').first().waitFor();
    expect(await page.locator('.facts', { hasText: 'test board' }).count()).toBe(1);
    expect(faults).toEqual([]);
  });

  it('changes a setting that the device takes over', async () => {
    await page.getByRole('switch', { name: /Detection/ }).uncheck();
    await page.getByRole('button', { name: 'Apply' }).click();
    await page.getByText('Frames are ignored').waitFor();
    // The page says "In step" before the order too, so the device's own word is waited for first.
    await expect
      .poll(() => controller.registry.get('cam-1')?.reported?.pipelines, { timeout: 60_000 })
      .toEqual({ front: { enabled: false } });
    await page.getByText('In sync').waitFor();
    expect(faults).toEqual([]);
  });

  it('shows an alarm with its evidence, and the alert that comes of it', async () => {
    await controller.alerts.createRule(admin, {
      name: 'Camera blind',
      when: { kind: 'drift', verdicts: ['sensor-fault'] },
      forSeconds: 0,
    });
    const reported = {
      generation: 1,
      session: 1,
      timeMs: clock.wallMs(),
      slots: { main: slot() },
      pipelines: {},
      drift: { front: driftStatus() },
    };
    await publish(topics.reported('cam-1'), encodePayload('reported', reported), true);
    await publish(
      topics.events('cam-1'),
      encodePayload('events', {
        ...{ id: 'event-0001', entry: 9000, session: 1, timeMs: clock.wallMs(), camera: 'front' },
        ...{ kind: 'drift.alarm', severity: 'error', message: 'sensor fault: dirty' },
        data: { ...driftData({ kind: 'sensor-fault', detail: 'dirty' }, 60, { view: foggyView() }) },
      }),
    );
    await page.goto(`${page.url().split('#')[0]}#/drift`);
    const row = page.locator('.cameras tbody tr', { hasText: 'cam-1' });
    await row.getByText('Sensor fault: dirty').waitFor();
    await row.getByText('Yes').waitFor();
    const alert = page.locator('.alert-row', { hasText: 'cam-1/front: sensor fault: dirty' });
    await alert.getByRole('button', { name: 'Acknowledge' }).click();
    await alert.getByText('Acknowledged by browser').waitFor();
    await row.getByRole('link').click();
    await page.locator('.incident .evidence-picture').waitFor();
    expect(await page.locator('.incident .signals').textContent()).toContain('Contrast');
    expect(faults).toEqual([]);
  });

  it('says what is wrong in the words of the controller', async () => {
    const refused = await page.evaluate(async (digest) => {
      const token = sessionStorage.getItem('goshawk.token');
      const response = await fetch('api/v1/devices/cam-1/desired', {
        method: 'PUT',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ slots: { main: { model: { name: 'none', version: '1', digest } } } }),
      });
      return { status: response.status, body: (await response.json()) as Record<string, string> };
    }, otherDigest);
    expect(refused.status).toBeGreaterThanOrEqual(400);
    expect(Object.keys(refused.body).sort()).toEqual(['code', 'message', 'remedy']);
    await page.goto(`${page.url().split('#')[0]}#/devices/not-there`);
    await page.getByRole('alert').filter({ hasText: 'not-there' }).waitFor();
  });

  it('leaves the token in no address, no history and no log, also where the link is opened in an open tab', async () => {
    await page.evaluate((link) => {
      location.hash = link;
    }, `#token=${token}&to=/activity`);
    await page.getByRole('heading', { name: 'Activity' }).first().waitFor();
    const session = await page.context().newCDPSession(page);
    const { entries } = await session.send('Page.getNavigationHistory');
    expect(entries.length).toBeGreaterThan(1);
    await page.goBack();
    await page.reload();
    await page.getByRole('navigation').first().waitFor();
    const seen = [...entries.map(({ url }) => url), page.url(), ...sent, JSON.stringify(log.lines)];
    expect(sent.length).toBeGreaterThan(20);
    expect(seen.filter((text) => text.includes(token))).toEqual([]);
    // Nor in an answer to who asks with it in the address.
    const asked = await page.request.get(new URL(`/api/v1/devices?token=${token}`, page.url()).href);
    expect(asked.status()).toBeGreaterThanOrEqual(400);
    expect(await asked.text()).not.toContain(token);
    expect(JSON.stringify(log.lines)).not.toContain(token);
  });
});
