import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type {
  Alert,
  AlertList,
  AlertRuleList,
  AlertTest,
  DeviceDrift,
  DriftFleet,
  DriftIncidentDetail,
  DriftIncidentList,
  SavedAlertRule,
} from '../../../../src/api/index.ts';
import type { CocoDataset } from '../../../../src/controller/rpc/coco.ts';
import {
  type CallMethod,
  decodeCall,
  encodePayload,
  frameChunkBytes,
  type HardFrame,
  parseTopic,
} from '../../../../src/protocol/index.ts';
import { frozen } from '../../../fakes/drift-events.ts';
import { digest } from '../../../fakes/test-fleet.ts';
import { alarmedDevice } from './alarmed-device.ts';
import { Served, until } from './serve.ts';

let served: Served;
const view = { width: 2, height: 2, grey: 'AAECAw==' };
const pictures = new Map<string, Buffer>();
const frames: HardFrame[] = [];
/** What the device does with the next calls instead of answering. */
let silent = false;
/** Calls that it left without an answer. */
let unanswered = 0;
/** FrameRequests waits so long for each. */
const answerMs = 15_000;
/** The frame at which it falls silent. */
let falls = '';
const gone = new Set<string>();

function answer(method: CallMethod, payload: Uint8Array, topic: string): unknown {
  if (method === 'frames') {
    const { camera, after, limit } = decodeCall('frames', payload, topic);
    const fitting = frames
      .filter((frame) => camera === undefined || frame.camera === camera)
      .filter((frame) => after === undefined || frame.id > after);
    const page = fitting.slice(0, limit);
    return {
      ok: true,
      result: { frames: page, more: page.length < fitting.length, total: { count: 45, bytes: 1 } },
    };
  }
  const { id, offset } = decodeCall('frame', payload, topic);
  const jpeg = pictures.get(id);
  if (jpeg === undefined || gone.has(id))
    return { ok: false, code: 'frame-unknown', message: `There is no frame ${id}.`, remedy: 'List them.' };
  const piece = jpeg.subarray(offset, offset + frameChunkBytes);
  return { ok: true, result: { size: jpeg.length, jpeg: piece.toString('base64') } };
}

beforeAll(async () => {
  for (let i = 0; i < 45; i++) {
    const id = `${String(i).padStart(4, '0')}-f`;
    const jpeg = Buffer.alloc(i === 7 ? 300_000 : 1000 + i, i);
    pictures.set(id, jpeg);
    frames.push({
      ...{ id, camera: i % 3 === 0 ? 'rear' : 'front', timeMs: 1_790_000_000_000 + i * 1000 },
      ...{ reason: i < 40 ? 'random' : 'alarm', width: 640, height: 360, bytes: jpeg.length, blurred: [] },
      modelDigest: digest,
      detections: [
        { label: 'car', score: 0.51234, box: [10, 20, 110.5, 80] },
        { label: 'bus', score: 0.4, box: [600, 300, 700, 400] },
        { label: 'ghost', score: 0.3, box: [700, 10, 800, 20] },
      ],
    });
  }
  served = await Served.open();
  served.device.onMessage(({ topic, payload, responseTopic, correlationData }) => {
    const place = parseTopic(topic);
    if (falls !== '' && Buffer.from(payload).includes(falls)) {
      silent = true;
      falls = '';
    }
    if (place?.kind !== 'call' || responseTopic === undefined) return;
    if (silent) {
      unanswered += 1;
      return;
    }
    if (place.method !== 'frames' && place.method !== 'frame') return;
    const response = answer(place.method, payload, topic) as Parameters<typeof encodePayload<'response'>>[1];
    void served.device.publish({
      ...{ topic: responseTopic, payload: encodePayload('response', response), qos: 1, retain: false },
      ...(correlationData === undefined ? {} : { correlationData }),
    });
  });
  served.device.subscribe('goshawk/1/+/call/#', 1);
  await alarmedDevice(served, 'event/with?strange#id', { view, frame: '0003-f' });
  await until(() => served.store.incidentRows.size === 1);
});
afterAll(() => served.close());

/** The device has a call that it does not answer, and its time is over. */
async function timeIsOver(): Promise<void> {
  await until(() => unanswered > 0);
  unanswered = 0;
  expect(served.clock.skip(answerMs)).toBe(1);
}

const tarOf = async (path: string) => {
  const response = await served.fetch(`/api/v1${path}`, 'operator');
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/x-tar']);
  return Buffer.from(await response.arrayBuffer());
};

/** Unpacked by the tar of this machine: what we write is not read by ourselves. */
function unpack(bytes: Buffer): { readonly names: string[]; readonly read: (name: string) => Buffer } {
  const folder = mkdtempSync(join(tmpdir(), 'goshawk-tar-'));
  try {
    writeFileSync(join(folder, 'a.tar'), bytes);
    const run = spawnSync('tar', ['-xvf', 'a.tar'], { cwd: folder });
    expect([run.status, run.stderr.toString()]).toEqual([0, '']);
    const names = run.stdout.toString().trim().split('\n');
    const files = new Map(names.map((name) => [name, readFileSync(join(folder, name))]));
    return { names, read: (name) => files.get(name) ?? Buffer.alloc(0) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('drift over HTTP', () => {
  test('tells every camera with its state and its incident', async () => {
    const { status, body } = await served.json<DriftFleet>('GET', '/drift', 'viewer');
    expect(status).toBe(200);
    expect(body).toMatchObject({ cameras: 1, watching: 1, alarmed: 1, believed: 1, falseDiscoveryRate: 0.1 });
    expect(body.rows).toMatchObject([
      { device: 'cam-1', camera: 'front', state: 'watching', incident: { message: 'sensor fault: frozen' } },
    ]);
    const none = await served.json<DriftFleet>('GET', '/drift?verdict=label-shift', 'viewer');
    expect(none.body.rows).toEqual([]);
    expect((await served.json<DriftFleet>('GET', '/drift?search=REAR', 'viewer')).body.cameras).toBe(0);
  });

  test('finds incidents, and one with what the camera showed, whatever its id looks like', async () => {
    const list = await served.json<DriftIncidentList>('GET', '/drift/incidents?open=true', 'viewer');
    const [incident] = list.body.incidents;
    const path = `/drift/incidents/${encodeURIComponent(incident!.id)}`;
    const one = await served.json<DriftIncidentDetail>('GET', path, 'viewer');
    expect(one.body).toMatchObject({ device: 'cam-1', verdict: frozen, view, frame: '0003-f' });
    expect(await served.json('GET', '/drift/incidents/none', 'viewer')).toMatchObject({
      status: 404,
      body: { code: 'incident-unknown' },
    });
  });

  test('tells a device with evidence and history', async () => {
    const { body } = await served.json<DeviceDrift>('GET', '/devices/cam-1/drift', 'viewer');
    expect(body.cameras).toMatchObject([{ camera: 'front', status: { state: 'watching' }, open: { view } }]);
    expect(body.incidents).toHaveLength(1);
    expect(body.history).toMatchObject([{ camera: 'front', state: 'watching' }]);
    expect((await served.json('GET', '/devices/none/drift', 'viewer')).status).toBe(404);
  });
});

describe('hard frames over HTTP', () => {
  test('are listed page by page, as the device says', async () => {
    const page = await served.json<{ frames: HardFrame[]; more: boolean }>(
      'GET',
      '/devices/cam-1/frames?camera=rear&after=0003-f&limit=2',
      'viewer',
    );
    expect(page.body).toMatchObject({ frames: [{ id: '0006-f' }, { id: '0009-f' }], more: true });
  });

  test('come whole, however many pieces they take', async () => {
    const response = await served.fetch('/api/v1/devices/cam-1/frames/0007-f', 'viewer');
    expect(response.headers.get('content-type')).toBe('image/jpeg');
    expect(Buffer.from(await response.arrayBuffer()).equals(pictures.get('0007-f')!)).toBe(true);
    // Before the first picture it was written who looks.
    expect(served.store.auditRows).toContainEqual(
      expect.objectContaining({ action: 'frames.view', target: 'cam-1', result: 'ok' }),
    );
    expect(await served.json('GET', '/devices/cam-1/frames/9999-x', 'viewer')).toMatchObject({
      status: 404,
      body: { code: 'frame-unknown', message: 'There is no frame 9999-x.' },
    });
    expect((await served.json('GET', '/devices/cam-1/frames/..%2f..', 'viewer')).status).toBe(400);
  });

  test('are exported as a COCO data set that tar unpacks, and the export is in the audit', async () => {
    const { names, read } = unpack(await tarOf('/devices/cam-1/frames.tar?camera=front'));
    expect(names).toHaveLength(31);
    expect(read('images/0007-f.jpg').equals(pictures.get('0007-f')!)).toBe(true);
    const dataset = JSON.parse(read('annotations.json').toString()) as CocoDataset;
    expect(dataset.images).toHaveLength(30);
    expect(dataset.images[0]).toMatchObject({
      id: 1,
      file_name: '0001-f.jpg',
      width: 640,
      height: 360,
      date_captured: new Date(1_790_000_001_000).toISOString(),
      goshawk: { device: 'cam-1', camera: 'front', reason: 'random' },
    });
    expect(dataset.categories.map(({ id, name }) => [id, name])).toEqual([
      [1, 'bus'],
      [2, 'car'],
      [3, 'ghost'],
    ]);
    // The box that leaves the picture is cut, the one that lies outside has no annotation.
    expect(dataset.annotations.slice(0, 2)).toMatchObject([
      {
        id: 1,
        image_id: 1,
        category_id: 2,
        bbox: [10, 20, 100.5, 60],
        area: 6030,
        iscrowd: 0,
        score: 0.5123,
      },
      { id: 2, image_id: 1, category_id: 1, bbox: [600, 300, 40, 60] },
    ]);
    expect(dataset.annotations).toHaveLength(60);
    await until(() => served.store.auditRows.some(({ action }) => action === 'frames.exported'));
    expect(served.store.auditRows.at(-1)).toMatchObject({ target: 'cam-1', result: 'ok' });
  });

  test('are chosen by reason, time and number', async () => {
    const images = async (query: string) =>
      unpack(await tarOf(`/devices/cam-1/frames.tar?${query}`)).names.filter((name) => name.endsWith('.jpg'));
    expect(await images('reason=alarm')).toHaveLength(5);
    expect(await images('max=3')).toEqual(['images/0000-f.jpg', 'images/0001-f.jpg', 'images/0002-f.jpg']);
    expect(await images(`from=${1_790_000_000_000 + 43_000}`)).toHaveLength(2);
    const none = unpack(await tarOf('/devices/cam-1/frames.tar?camera=nowhere'));
    expect(none.names).toEqual(['annotations.json']);
  });

  test('that were dropped meanwhile are left out of pictures and annotations alike', async () => {
    gone.add('0041-f');
    const { names, read } = unpack(await tarOf('/devices/cam-1/frames.tar?reason=alarm'));
    gone.clear();
    expect(names).toHaveLength(5);
    expect((JSON.parse(read('annotations.json').toString()) as CocoDataset).images).toHaveLength(4);
  });

  test('are refused in words when the device does not answer', async () => {
    silent = true;
    const asked = served.json('GET', '/devices/cam-1/frames.tar', 'operator');
    await timeIsOver();
    const response = await asked;
    silent = false;
    expect(response).toMatchObject({ status: 504, body: { code: 'device-silent' } });
  });
});

test('an export whose device goes away in the middle is cut off, and the audit says why', async () => {
  falls = '0004-f';
  const response = await served.fetch('/api/v1/devices/cam-1/frames.tar', 'operator');
  expect(response.status).toBe(200);
  const body = response.arrayBuffer();
  await Promise.all([expect(body).rejects.toThrow(), timeIsOver()]);
  silent = false;
  await until(() => served.store.auditRows.at(-1)?.result === 'device-silent');
  expect(served.store.auditRows.at(-1)).toMatchObject({ action: 'frames.exported', target: 'cam-1' });
});

describe('alerts over HTTP', () => {
  const draft = {
    name: 'blind',
    when: { kind: 'drift', verdicts: ['sensor-fault'] },
    forSeconds: 0,
    severity: 'critical',
    notify: { to: 'https://hooks.example/T0/path' },
  };
  let rule: SavedAlertRule;

  test('come from a rule that an admin makes; its key is shown once, to that admin only', async () => {
    const made = await served.json<SavedAlertRule>('POST', '/alert-rules', 'admin', draft);
    expect(made.status).toBe(201);
    rule = made.body;
    expect(rule.notifySecret).toMatch(/^[0-9a-f]{64}$/);
    const seen = await served.json<AlertRuleList>('GET', '/alert-rules', 'viewer');
    expect(seen.body.rules).toMatchObject([{ id: rule.id, notify: { to: 'https://hooks.example/…' } }]);
    const admins = await served.json<AlertRuleList>('GET', '/alert-rules', 'admin');
    expect(admins.body.rules[0]?.notify?.to).toBe(draft.notify.to);
    expect(JSON.stringify([seen.body, admins.body])).not.toContain(rule.notifySecret);
    await until(() => served.controller.alerts.firing.length === 1);
    await until(() => served.store.alertRows.size === 1);
    const { body } = await served.json<AlertList>('GET', '/alerts?state=firing', 'viewer');
    expect(body.alerts).toMatchObject([{ subject: 'cam-1/front', severity: 'critical', state: 'firing' }]);
  });

  test('are acknowledged by an operator', async () => {
    const [alert] = served.controller.alerts.firing;
    const done = await served.json<Alert>('POST', `/alerts/${alert!.id}/acknowledge`, 'operator');
    expect(done.body.acknowledgedBy).toContain('the operator');
    expect((await served.json('POST', '/alerts/none/acknowledge', 'operator')).status).toBe(404);
  });

  test('are in the metrics for Prometheus, beside the incident', async () => {
    const text = await (await served.fetch('/metrics', 'viewer')).text();
    expect(text).toContain(
      'goshawk_controller_drift_incident{device="cam-1",camera="front",verdict="sensor-fault",detail="frozen",grade="alarm",believed="true",cohort="camera"} 1',
    );
    expect(text).toContain('goshawk_controller_drift_cameras{state="watching"} 1');
    expect(text).toContain(
      'goshawk_controller_alerts_firing{rule="blind",severity="critical",acknowledged="true"} 1',
    );
    expect(text).toContain(
      'goshawk_controller_alerts_firing{rule="blind",severity="critical",acknowledged="false"} 0',
    );
    expect(text).toMatch(/goshawk_controller_alert_messages_total\{result="failed"\} \d/);
  });

  test('are silenced and assigned by an operator, and say by whom and until when', async () => {
    const [{ id } = { id: '' }] = served.controller.alerts.firing;
    const silenced = await served.json<Alert>('POST', `/alerts/${id}/silence`, 'operator', { minutes: 5 });
    expect(silenced.body.silence?.by).toContain('the operator');
    expect(silenced.body.silence?.untilMs).toBeGreaterThan(silenced.body.firedMs);
    const assigned = await served.json<Alert>('POST', `/alerts/${id}/assign`, 'operator', { to: 'ann' });
    expect(assigned.body.assigned).toMatchObject({ to: 'ann' });
    for (const [path, body] of [
      ['silence', {}],
      ['silence', { minutes: -1 }],
      ['silence', { minutes: 1e9 }],
      ['assign', { to: 'x'.repeat(1000) }],
    ] as const)
      expect((await served.json('POST', `/alerts/${id}/${path}`, 'operator', body)).status).toBe(400);
  });

  test('say what came back of a test message', async () => {
    served.webhooks.answers.push(503);
    const { body } = await served.json<AlertTest>('POST', `/alert-rules/${rule.id}/test`, 'admin');
    expect(body).toMatchObject({ delivered: false, error: 'the fake answered 503.' });
  });

  test('are not made of a rule whose address this controller cannot reach', async () => {
    const mail = { ...draft, notify: { to: 'mailto:ann@site.example' } };
    expect(await served.json('POST', '/alert-rules', 'admin', mail)).toMatchObject({
      status: 409,
      body: {
        code: 'channel-off',
        message: 'This controller sends no alerts by mail.',
        remedy: 'Enable it in the settings of the controller: mail.',
      },
    });
  });

  test.each([
    [{ ...draft, when: { kind: 'metric', name: 'x' } }, 'rule-invalid'],
    [{ ...draft, when: { kind: 'weather' } }, 'request-invalid'],
    [{ ...draft, notify: { to: 'ftp://x.example/' } }, 'request-invalid'],
    [{ ...draft, notify: { to: 'https://a:b@x.example/' } }, 'rule-invalid'],
    [{ ...draft, notify: { to: 'https://x.example/', secret: 'short' } }, 'request-invalid'],
    [{ ...draft, forSeconds: -1 }, 'request-invalid'],
    [{ ...draft, colour: 'red' }, 'request-invalid'],
  ])('are not made of a rule that does not fit: %j', async (body, code) => {
    expect(await served.json('POST', '/alert-rules', 'admin', body)).toMatchObject({
      status: 400,
      body: { code },
    });
  });

  test('end with their rule', async () => {
    const off = { ...draft, enabled: false };
    expect((await served.json('PUT', `/alert-rules/${rule.id}`, 'admin', off)).status).toBe(200);
    await until(() => [...served.store.alertRows.values()].every(({ state }) => state === 'resolved'));
    expect((await served.json('DELETE', `/alert-rules/${rule.id}`, 'admin')).status).toBe(204);
    expect((await served.json('DELETE', `/alert-rules/${rule.id}`, 'admin')).status).toBe(404);
  });
});
