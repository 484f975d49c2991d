import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type {
  AuditList,
  CreatedToken,
  DesiredAnswer,
  DeviceDetail,
  DeviceList,
  ErrorBody,
  FleetSummary,
  GroupList,
  ModelList,
  TokenList,
  UploadAnswer,
} from '../../../../src/api/index.ts';
import { LimitError } from '../../../../src/base/index.ts';
import { ModelRegistry } from '../../../../src/controller/models/model-registry.ts';
import { formatManifest, type Manifest } from '../../../../src/model/index.ts';
import { encodePayload, topics } from '../../../../src/protocol/index.ts';
import { birth } from '../../../fakes/test-fleet.ts';
import { Served, until } from './serve.ts';

let served: Served;
beforeEach(async () => {
  served = await Served.open();
});
afterEach(() => served.close());

const sha256 = (bytes: string | Uint8Array) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

async function announce(id: string): Promise<void> {
  await until(() => served.device.status().state === 'online');
  await until(() => served.controller.summary.current().broker === 'online');
  await served.device.publish({
    topic: topics.state(id),
    payload: encodePayload('state', birth),
    qos: 1,
    retain: true,
  });
}

const weights = new TextEncoder().encode('these are weights '.repeat(1000));
const manifest: Manifest = {
  schema: 1,
  name: 'street',
  version: '1.0.0',
  task: 'detection',
  licence: 'Apache-2.0',
  labels: ['car'],
  input: {
    tensor: 'images',
    width: 160,
    height: 160,
    layout: 'nchw',
    dtype: 'float32',
    colorOrder: 'rgb',
    scale: 1,
    mean: [0, 0, 0],
    std: [1, 1, 1],
    fit: 'center',
    pad: 114,
  },
  output: { decoder: 'yolov8', tensors: ['output'] },
  variants: [
    { kind: 'fp32', file: { path: 'onnx/fp32.onnx', digest: sha256(weights), size: weights.length } },
  ],
  provenance: { sourceDigest: sha256('source'), createdBy: 'test', createdAt: '2026-01-01T00:00:00Z' },
};
const manifestBytes = formatManifest(manifest);
const digest = sha256(manifestBytes);

const put = (path: string, body: string | Uint8Array) =>
  served.fetch(`/api/v1/artifacts/${path}`, 'operator', {
    method: 'PUT',
    body: body as BodyInit,
    headers: { 'content-type': 'application/octet-stream' },
  });

describe('devices', () => {
  test('are listed page by page, filtered by group, state and name', async () => {
    for (const id of ['a1', 'a2', 'b1']) await announce(id);
    const first = await served.json<DeviceList>('GET', '/devices?limit=2', 'viewer');
    expect(first.body).toMatchObject({
      total: 3,
      next: 'a2',
      devices: [{ id: 'a1', online: true }, { id: 'a2' }],
    });
    const second = await served.json<DeviceList>('GET', '/devices?limit=2&after=a2', 'viewer');
    expect(second.body.devices.map(({ id }) => id)).toEqual(['b1']);
    expect(second.body.next).toBeUndefined();
    await served.json('PUT', '/groups/west/members', 'operator', { members: ['b1'] });
    const west = await served.json<DeviceList>('GET', '/devices?group=west&online=true', 'viewer');
    expect(west.body.devices).toMatchObject([{ id: 'b1', groups: ['west'] }]);
    expect(
      (await served.json<DeviceList>('GET', '/devices?search=A&online=false', 'viewer')).body.total,
    ).toBe(0);
  });

  test('an order goes to the device, to the audit, and is seen in its detail', async () => {
    await announce('a1');
    const answer = await served.json<DesiredAnswer>('PUT', '/devices/a1/desired', 'operator', {
      pipelines: { front: { scoreThreshold: 0.5 } },
    });
    expect(answer).toEqual({ status: 200, body: { generations: { a1: 1 } } });
    const detail = await served.json<DeviceDetail>('GET', '/devices/a1', 'viewer');
    expect(detail.body).toMatchObject({
      birth: { agentVersion: '0.1.0', catalogue: expect.any(Array) },
      desired: { generation: 1, pipelines: { front: { scoreThreshold: 0.5 } } },
      settings: { pipelines: { front: { scoreThreshold: 0.5 } } },
    });
    const audit = await served.json<AuditList>('GET', '/audit', 'admin');
    expect(audit.body.entries[0]).toMatchObject({
      action: 'device.desired',
      target: 'a1',
      result: 'ok',
      actor: expect.stringContaining('the operator'),
    });
    await served.json('DELETE', '/devices/a1', 'admin');
    expect((await served.json('GET', '/devices/a1', 'viewer')).status).toBe(404);
  });

  test('wrong requests are refused with what is wrong and what to do', async () => {
    await announce('a1');
    const bad: [string, string, unknown, number, string][] = [
      ['PUT', '/devices/a1/desired', { pipelines: { front: { scoreThreshold: 7 } } }, 400, 'request-invalid'],
      ['PUT', '/devices/a1/desired', { modell: {} }, 400, 'request-invalid'],
      ['PUT', '/devices/a1/desired', { model: { name: 'x', version: '1', digest } }, 409, 'model-unknown'],
      ['PUT', '/devices/nobody/desired', {}, 404, 'device-unknown'],
      ['GET', '/devices?limit=0', undefined, 400, 'request-invalid'],
      ['GET', '/devices?limit=many', undefined, 400, 'request-invalid'],
      ['GET', '/devices/a1/metrics', undefined, 400, 'request-invalid'],
      ['GET', '/devices/a1/metrics?name=x&from=5&to=5', undefined, 400, 'range-empty'],
      ['GET', '/devices/a1/metrics?name=x&from=0&to=100000000&step=1000', undefined, 400, 'range-too-fine'],
      ['GET', '/devices/a1/metrics?name=x&labels=nonsense', undefined, 400, 'labels-invalid'],
      ['DELETE', '/groups/nowhere', undefined, 404, 'group-unknown'],
      ['GET', '/nothing/here', undefined, 404, 'route-unknown'],
    ];
    for (const [method, path, body, status, code] of bad) {
      const answer = await served.json<ErrorBody>(method, path, 'admin', body);
      expect([path, answer.status, answer.body.code]).toEqual([path, status, code]);
      expect(answer.body.message).not.toBe('');
      expect(answer.body.remedy).not.toBe('');
    }
    const broken = await served.fetch('/api/v1/devices/a1/desired', 'operator', {
      method: 'PUT',
      body: '{"model":',
      headers: { 'content-type': 'application/json' },
    });
    expect(broken.status).toBe(400);
    expect(await broken.json()).toMatchObject({ code: 'request-invalid' });
    const huge = await served.json<ErrorBody>('PUT', '/groups/g/members', 'operator', {
      members: ['x'.repeat(2_000_000)],
    });
    expect([huge.status, huge.body.code]).toEqual([413, 'body-too-large']);
  });

  test('a database that takes nothing is told as such', async () => {
    await announce('a1');
    served.store.fail = new LimitError('database-full', 'The disk is full.', 'Free space.');
    const answer = await served.json<ErrorBody>('PUT', '/devices/a1/desired', 'operator', {
      pipelines: { '*': {} },
    });
    expect(answer).toEqual({
      status: 507,
      body: { code: 'database-full', message: 'The disk is full.', remedy: 'Free space.' },
    });
  });
});

describe('groups and tokens', () => {
  test('a group is made, read and removed', async () => {
    await announce('a1');
    await served.json('PUT', '/groups/west/members', 'operator', { members: ['a1'] });
    const set = await served.json<DesiredAnswer>('PUT', '/groups/west/desired', 'operator', {
      pipelines: { '*': { enabled: false } },
    });
    expect(set.body.generations).toEqual({ a1: 1 });
    const groups = await served.json<GroupList>('GET', '/groups', 'viewer');
    expect(groups.body.groups).toEqual([
      { name: 'west', members: ['a1'], settings: { pipelines: { '*': { enabled: false } } } },
    ]);
    expect((await served.json<DesiredAnswer>('DELETE', '/groups/west', 'operator')).body.generations).toEqual(
      { a1: 2 },
    );
  });

  test('a token is shown once, works at once, and is gone at once', async () => {
    const made = await served.json<CreatedToken>('POST', '/tokens', 'admin', { name: 'ci', role: 'viewer' });
    expect(made.status).toBe(201);
    const use = () =>
      fetch(`${served.url}/api/v1/devices`, { headers: { authorization: `Bearer ${made.body.token}` } });
    expect((await use()).status).toBe(200);
    const list = await served.json<TokenList>('GET', '/tokens', 'admin');
    expect(JSON.stringify(list.body)).not.toContain(made.body.token.slice(-20));
    expect(list.body.tokens.find(({ id }) => id === made.body.id)?.lastUsedMs).toBeGreaterThan(0);
    expect(JSON.stringify(served.store.auditRows)).not.toContain(made.body.token.slice(-20));
    expect((await served.json('DELETE', `/tokens/${made.body.id}`, 'admin')).status).toBe(204);
    expect((await use()).status).toBe(401);
  });

  test('the last admin can not lock everybody out', async () => {
    const { body } = await served.json<TokenList>('GET', '/tokens', 'admin');
    const admin = body.tokens.find(({ role }) => role === 'admin')!;
    expect(await served.json('DELETE', `/tokens/${admin.id}`, 'admin')).toMatchObject({
      status: 409,
      body: { code: 'last-admin' },
    });
  });
});

describe('models', () => {
  test('are uploaded in any order, checked, given to devices, served in parts, and deleted', async () => {
    expect(await (await put(`${digest}/files/onnx/fp32.onnx`, weights)).json()).toEqual({
      complete: false,
      missing: ['manifest.json'],
    });
    expect(await (await put(`${digest}/manifest`, manifestBytes)).json()).toEqual({
      complete: true,
      missing: [],
    });
    const { body } = await served.json<ModelList>('GET', '/models', 'viewer');
    expect(body.models).toMatchObject([
      { name: 'street', digest, complete: true, sizeBytes: weights.length },
    ]);

    await announce('a1');
    await served.json('PUT', '/devices/a1/desired', 'operator', {
      model: { name: 'street', version: '1.0.0', digest },
    });
    const detail = await served.json<DeviceDetail>('GET', '/devices/a1', 'viewer');
    expect(detail.body.desired?.model?.url).toBe(`http://fleet.test/api/v1/artifacts/${digest}`);

    const whole = await served.fetch(`/api/v1/artifacts/${digest}/onnx/fp32.onnx`, 'device');
    expect(new Uint8Array(await whole.arrayBuffer())).toEqual(weights);
    const rest = await served.fetch(`/api/v1/artifacts/${digest}/onnx/fp32.onnx`, 'device', {
      headers: { range: 'bytes=100-' },
    });
    expect(rest.status).toBe(206);
    expect(rest.headers.get('content-range')).toBe(`bytes 100-${weights.length - 1}/${weights.length}`);
    expect(new Uint8Array(await rest.arrayBuffer())).toEqual(weights.subarray(100));
    const text = await (await served.fetch(`/api/v1/artifacts/${digest}/manifest.json`, 'device')).text();
    expect(sha256(text)).toBe(digest);

    expect((await served.json('DELETE', `/artifacts/${digest}`, 'admin')).status).toBe(204);
    expect((await served.fetch(`/api/v1/artifacts/${digest}/manifest.json`, 'device')).status).toBe(404);
  });

  test('survive a restart of the controller, an interrupted upload does not count', async () => {
    await put(`${digest}/manifest`, manifestBytes);
    const again = new ModelRegistry(served.artifacts);
    await again.load();
    expect(again.isComplete(digest)).toBe(false);
    await put(`${digest}/files/onnx/fp32.onnx`, weights);
    await again.load();
    expect(again.isComplete(digest)).toBe(true);
  });

  test('that are not what they say are refused, and nothing of them is kept', async () => {
    const refused = async (answer: Promise<Response>) => {
      const response = await answer;
      return [response.status, ((await response.json()) as ErrorBody).code];
    };
    expect(await refused(put(`${sha256('x')}/manifest`, manifestBytes))).toEqual([400, 'digest-mismatch']);
    expect(await refused(put(`${digest}/manifest`, '{"schema":1}'))).toEqual([400, 'manifest-field']);
    expect(await refused(put(`${digest}/manifest`, 'x'.repeat(9_000_000)))).toEqual([413, 'file-too-large']);
    await put(`${digest}/manifest`, manifestBytes);
    expect(await refused(put(`${digest}/files/onnx/fp32.onnx`, weights.subarray(1)))).toEqual([
      400,
      'digest-mismatch',
    ]);
    expect(await refused(put(`${digest}/files/onnx/fp32.onnx`, `${'y'.repeat(weights.length + 1)}`))).toEqual(
      [413, 'file-too-large'],
    );
    expect(await refused(put(`${digest}/files/other.onnx`, weights))).toEqual([404, 'file-unknown']);
    expect(await refused(served.fetch(`/api/v1/artifacts/${digest}/onnx/fp32.onnx`, 'device'))).toEqual([
      404,
      'file-unknown',
    ]);
    for (const path of ['..%2f..%2fsecret', '%2e%2e/secret', 'a/..%2fb', '.', 'manifest.json'])
      expect((await put(`${digest}/files/${path}`, weights)).status, path).toBeGreaterThanOrEqual(400);
    const incomplete = await served.json<ErrorBody>('PUT', '/groups/g/desired', 'operator', {
      model: { name: 'street', version: '1.0.0', digest },
    });
    expect(incomplete.body.code).toBe('model-incomplete');
  });
});

describe('streams', () => {
  /** Reads server-sent events until `enough`. */
  async function read(
    path: string,
    enough: (events: [string, unknown][]) => boolean,
    meanwhile: () => Promise<void>,
  ) {
    const stop = new AbortController();
    const response = await served.fetch(path, 'viewer', { signal: stop.signal });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    const events: [string, unknown][] = [];
    const decoder = new TextDecoder();
    let text = '';
    const reading = (async () => {
      for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
        text += decoder.decode(chunk, { stream: true });
        const blocks = text.split('\n\n');
        text = blocks.pop() ?? '';
        for (const block of blocks) {
          const match = /^event: (.+)\ndata: (.+)$/s.exec(block);
          if (match !== null) events.push([match[1]!, JSON.parse(match[2]!)]);
        }
        if (enough(events)) return;
      }
    })();
    await meanwhile();
    await reading;
    stop.abort();
    return events;
  }

  test('tell of devices and events as they come', async () => {
    const events = await read(
      '/api/v1/stream',
      (all) => ['fleet', 'device', 'event'].every((name) => all.some(([other]) => other === name)),
      async () => {
        await announce('a1');
        await served.device.publish({
          topic: topics.events('a1'),
          payload: encodePayload('events', {
            id: 'event-0001',
            entry: 1,
            session: 1,
            timeMs: 1,
            kind: 'camera.lost',
            severity: 'error',
            message: 'Gone.',
          }),
          qos: 1,
          retain: false,
        });
      },
    );
    expect(events.find(([name]) => name === 'event')?.[1]).toMatchObject({
      device: 'a1',
      message: 'Gone.',
      seq: 1,
    });
  });

  test('pictures flow while somebody looks, and the device is told when nobody does', async () => {
    await announce('a1');
    const calls: { camera: string; seconds: number }[] = [];
    served.device.onMessage((message) => {
      if (message.topic === topics.call('a1', 'preview'))
        calls.push(JSON.parse(new TextDecoder().decode(message.payload)));
    });
    served.device.subscribe('goshawk/1/+/call/#', 1);
    const events = await read(
      '/api/v1/devices/a1/cameras/front/preview?maxFps=3',
      (all) => all.length > 0,
      async () => {
        await until(() => calls.length > 0);
        const picture = {
          ...{ stampNs: '16', width: 640, height: 480, jpeg: new Uint8Array([0xff, 0xd8]), detections: [] },
          ...{ model: 'm', version: '1', captureToPublishMs: 9 },
        };
        // For admins alone: who watches here is a viewer.
        const plain = { ...picture, privacy: 'plain' as const, roles: ['admin' as const] };
        await served.device.publish({
          topic: topics.preview('a1', 'front'),
          payload: encodePayload('preview', plain),
          qos: 0,
          retain: false,
        });
        await served.device.publish({
          topic: topics.preview('a1', 'front'),
          payload: encodePayload('preview', {
            privacy: 'blurred',
            roles: ['viewer'],
            stampNs: '17',
            width: 640,
            height: 480,
            jpeg: new Uint8Array([0xff, 0xd8]),
            detections: [],
            model: 'm',
            version: '1',
            captureToPublishMs: 9,
          }),
          qos: 0,
          retain: false,
        });
      },
    );
    expect(events[0]).toEqual([
      'frame',
      expect.objectContaining({ jpeg: '/9g=', width: 640, stampNs: '17' }),
    ]);
    expect(calls[0]).toMatchObject({ camera: 'front', maxFps: 3, role: 'viewer' });
    await until(() => served.controller.previews.count === 0);
    await until(() => calls.at(-1)?.seconds === 1);
    expect((await served.fetch('/api/v1/devices/a1/cameras/none/preview', 'viewer')).status).toBe(404);
    // Who watched is known from the first picture on.
    const [entry] = (await served.controller.audit.list({})).entries;
    expect(entry).toMatchObject({ action: 'preview.watch', target: 'a1/front', result: 'ok' });
  });
});

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
    await announce('a1');
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
    expect(text).toContain(`goshawk_frames_per_second{${own}} 25`);
    expect(text).toContain(`goshawk_capture_to_publish_seconds_bucket{${own},le="0.125"} 3`);
    // The summary is a second old at most.
    expect(text).toMatch(/goshawk_controller_device_health\{state="ok"\} [01]\n/);
    // Names of an earlier version.
    const at = 'device="a1",model="street",version="1.0.0"';
    expect(text).toContain('goshawk_controller_messages_received_total 2');
    expect(text).toContain(`goshawk_device_frames_per_second{${at}} 25`);
    expect(text).toContain(`goshawk_device_capture_to_publish_seconds_bucket{${at},le="0.125"} 3`);
    expect(text).toContain(`goshawk_device_capture_to_publish_seconds_bucket{${at},le="1"} 4`);
    expect(text).toContain(`goshawk_device_capture_to_publish_seconds_count{${at}} 4`);
    expect(text.match(/# TYPE goshawk_device_capture_to_publish_seconds histogram/g)).toHaveLength(1);
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
    await announce('a1');
    const { body } = await served.json<FleetSummary>('GET', '/fleet', 'viewer');
    expect(body).toMatchObject({ broker: 'online', messagesReceived: expect.any(Number) });
  });

  test('a port that is taken is named', async () => {
    const port = Number(new URL(served.url).port);
    await expect(Served.open({ port })).rejects.toMatchObject({ code: 'address-taken' });
  });

  test('the upload of a large body does not have to fit into memory at once', async () => {
    await put(`${digest}/manifest`, manifestBytes);
    const answer = (await (await put(`${digest}/files/onnx/fp32.onnx`, weights)).json()) as UploadAnswer;
    expect(answer.complete).toBe(true);
  });
});
