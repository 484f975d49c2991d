import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FleetSummary } from '../../../../src/api/index.ts';
import { encodePayload, topics } from '../../../../src/protocol/index.ts';
import { announce } from './device-and-bundle.ts';
import { Served, until } from './serve.ts';

let served: Served;
beforeEach(async () => {
  served = await Served.open();
});
afterEach(() => served.close());

describe('everything around', () => {
  test('the description names every route, with its answers and errors', async () => {
    const description = (await (await fetch(`${served.url}/openapi.json`)).json()) as {
      openapi: string;
      paths: Record<string, Record<string, { responses: object; summary: string; security?: object[] }>>;
    };
    expect(description.openapi).toBe('3.1.0');
    for (const one of served.server.routes) {
      const path = `/api/v1${one.url.replaceAll(/:(\w+)/g, '{$1}').replace('*', '{*}')}`;
      const operation = description.paths[path]?.[String(one.method).toLowerCase()];
      expect(operation, Object.keys(description.paths).join()).toBeDefined();
      expect(operation?.summary).toBe(one.summary);
      expect(operation?.security).toEqual([{ token: [] }]);
      expect(Object.keys(operation?.responses ?? {})).toContain('4XX');
    }
    expect(Object.keys(description.paths)).toEqual(expect.arrayContaining(['/healthz', '/metrics']));
  });

  test('health is readable without a token', async () => {
    await until(() => served.controller.summary.current().broker === 'online');
    const health = await fetch(`${served.url}/healthz`);
    expect([health.status, await health.json()]).toEqual([
      200,
      { status: 'ok', broker: 'online', storage: 'ok' },
    ]);
  });

  test('Prometheus gets counters, and per device a latency histogram by model and version', async () => {
    await announce(served, 'a1');
    const now = Date.now();
    await served.device.publish({
      topic: topics.metrics('a1'),
      payload: encodePayload('metrics', {
        session: 1,
        sequence: 0,
        entry: 0,
        historical: false,
        samples: [
          [now, 1, 25],
          [
            now,
            2,
            {
              buckets: [
                [-25, 3],
                [-1, 1],
              ],
              zeros: 0,
              sum: 1.4,
            },
          ],
        ],
      }),
      qos: 1,
      retain: false,
    });
    expect((await fetch(`${served.url}/metrics`)).status).toBe(401);
    const text = await (await served.fetch('/metrics', 'viewer')).text();
    const own = 'device="a1",camera="front"';
    expect(text).toContain(`goshawk_device_frames_per_second{${own}} 25`);
    expect(text).toContain(`goshawk_device_capture_to_publish_seconds_bucket{${own},le="0.125"} 3`);
    // The summary is a second old at most.
    expect(text).toMatch(/goshawk_controller_devices\{health="ok"\} [01]\n/);
    expect(text).toContain(`goshawk_device_capture_to_publish_seconds_bucket{${own},le="1"} 4`);
    expect(text).toContain(`goshawk_device_capture_to_publish_seconds_count{${own}} 4`);
    expect(text.match(/# TYPE goshawk_device_capture_to_publish_seconds histogram/g)).toHaveLength(1);
    expect(text).toContain('goshawk_controller_messages_received_total 2');
  });

  test('the dashboard is served with a policy that allows no inline script', async () => {
    const folder = join(served.folder, 'dashboard');
    mkdirSync(folder);
    writeFileSync(join(folder, 'index.html'), '<!doctype html><title>Goshawk</title>');
    writeFileSync(join(folder, 'app.js'), 'export {};');
    const other = await Served.open({ dashboard: folder });
    try {
      for (const path of ['/', '/devices/a1']) {
        const page = await fetch(`${other.url}${path}`, { headers: { accept: 'text/html' } });
        expect(await page.text()).toContain('Goshawk');
        const policy = page.headers.get('content-security-policy') ?? '';
        expect(policy).toContain("default-src 'self'");
        expect(policy).not.toContain('unsafe-inline');
      }
      expect((await fetch(`${other.url}/app.js`)).headers.get('content-type')).toContain('javascript');
      expect((await fetch(`${other.url}/../../etc/passwd`)).status).toBe(404);
    } finally {
      await other.close();
    }
    expect(await (await fetch(`${served.url}/`, { headers: { accept: 'text/html' } })).text()).toContain(
      'npm run build',
    );
  });

  test('the fleet at a glance', async () => {
    await announce(served, 'a1');
    const { body } = await served.json<FleetSummary>('GET', '/fleet', 'viewer');
    expect(body).toMatchObject({ broker: 'online', messagesReceived: expect.any(Number) });
  });

  test('a port that is taken is named', async () => {
    const port = Number(new URL(served.url).port);
    await expect(Served.open({ port })).rejects.toMatchObject({ code: 'address-taken' });
  });
});
