import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type {
  AuditList,
  DesiredAnswer,
  DeviceDetail,
  DeviceList,
  ErrorBody,
  RobotAnswer,
} from '../../../../src/api/index.ts';
import { LimitError } from '../../../../src/base/index.ts';
import { topics } from '../../../../src/protocol/index.ts';
import { announce, digest } from './device-and-bundle.ts';
import { Served } from './serve.ts';

let served: Served;
beforeEach(async () => {
  served = await Served.open();
});
afterEach(() => served.close());

describe('devices', () => {
  test('are listed page by page, filtered by group, state and name', async () => {
    for (const id of ['a1', 'a2', 'b1']) await announce(served, id);
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

  test('a service of its robot is called, and the audit knows by whom; what the device refuses is refused', async () => {
    await announce(served, 'a1');
    const { device } = served;
    device.subscribe(topics.call('a1', '#'), 1);
    const heard: unknown[] = [];
    device.onMessage(({ topic, payload, responseTopic, correlationData }) => {
      if (topic !== topics.call('a1', 'robot')) return;
      const request = JSON.parse(Buffer.from(payload).toString()) as { service: string };
      heard.push(request);
      const answer =
        request.service === 'dock'
          ? { ok: true, result: { success: false, message: 'no dock' } }
          : { ok: false, code: 'robot-call-refused', message: 'No.', remedy: 'Name it.' };
      void device.publish({
        topic: responseTopic ?? '',
        payload: Buffer.from(JSON.stringify(answer)),
        ...{ qos: 1, retain: false },
        ...(correlationData === undefined ? {} : { correlationData }),
      });
    });
    const call = (body: object, role: 'operator' | 'viewer' = 'operator', id = 'a1') =>
      served.json<RobotAnswer & ErrorBody>('POST', `/devices/${id}/robot`, role, body);
    expect(await call({ service: 'dock' })).toEqual({
      status: 200,
      body: { success: false, message: 'no dock' },
    });
    expect((await call({ service: 'erase', on: true })).body.code).toBe('robot-call-refused');
    expect((await call({ service: 'dock' }, 'viewer')).status).toBe(403);
    expect((await call({ service: '' })).status).toBe(400);
    expect((await call({ service: 'dock' }, 'operator', 'nobody')).status).toBe(404);
    expect(heard).toEqual([{ service: 'dock' }, { service: 'erase', on: true }]);
    const audit = await served.json<AuditList>('GET', '/audit', 'admin');
    const calls = audit.body.entries.filter(({ action }) => action === 'robot.called');
    expect(calls.map(({ target, result }) => `${target} ${result}`).sort()).toEqual([
      'a1 ok',
      'a1 ok',
      'nobody device-unknown',
    ]);
  });

  test('the fields of a request go to the device as a call that an older one does not know, and to the audit', async () => {
    await announce(served, 'a1');
    const { device } = served;
    device.subscribe(topics.call('a1', '#'), 1);
    const heard: unknown[] = [];
    device.onMessage(({ topic, payload, responseTopic, correlationData }) => {
      if (topic !== topics.call('a1', 'robot')) return;
      heard.push(JSON.parse(Buffer.from(payload).toString()));
      const reply = { distance: null, at: { x: 1 } };
      void device.publish({
        topic: responseTopic ?? '',
        payload: Buffer.from(JSON.stringify({ ok: true, result: { message: '', reply } })),
        ...{ qos: 1, retain: false },
        ...(correlationData === undefined ? {} : { correlationData }),
      });
    });
    const call = (body: object) =>
      served.json<RobotAnswer & ErrorBody>('POST', '/devices/a1/robot', 'operator', body);
    const request = { station: 3, path: [{ x: 1.5 }] };
    expect(await call({ service: 'dock', request })).toEqual({
      ...{ status: 200, body: { message: '', reply: { distance: null, at: { x: 1 } } } },
    });
    expect(heard).toEqual([{ service: 'dock', request }]);
    let deep: object = {};
    for (let at = 0; at < 17; at += 1) deep = { deep };
    const bare = JSON.stringify({ service: 'dock', request: { text: '', station: 3 } }).length;
    const characters = (more: number) => ({ text: 'x'.repeat(4096 - bare + more), station: 3 });
    for (const [body, code] of [
      [{ request, on: true }, 'robot-call-on'],
      [{ request: characters(1) }, 'robot-request-large'],
      [{ request: deep }, 'robot-request-large'],
    ] as const)
      expect(await call({ service: 'dock', ...body })).toMatchObject({ status: 400, body: { code } });
    expect(heard).toHaveLength(1);
    // As large as may be: all of it is in the audit.
    expect((await call({ service: 'dock', request: characters(0) })).status).toBe(200);
    const audit = await served.json<AuditList>('GET', '/audit', 'admin');
    const told = audit.body.entries.filter(({ action }) => action === 'robot.called');
    expect(told.map(({ detail }) => JSON.parse(detail))).toEqual([
      { service: 'dock', request: characters(0) },
      { service: 'dock', request },
    ]);
  });

  test('a request that is nested thousands deep is refused as too deep', async () => {
    await announce(served, 'a1');
    const body = `{"service":"dock","request":{"a":${'['.repeat(10_000)}${']'.repeat(10_000)}}}`;
    const answer = await served.fetch('/api/v1/devices/a1/robot', 'operator', {
      ...{ method: 'POST', body, headers: { 'content-type': 'application/json' } },
    });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ code: 'robot-request-large' });
  });

  test('an order goes to the device, to the audit, and is seen in its detail', async () => {
    await announce(served, 'a1');
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
    await announce(served, 'a1');
    const bad: [string, string, unknown, number, string][] = [
      ['PUT', '/devices/a1/desired', { pipelines: { front: { scoreThreshold: 7 } } }, 400, 'request-invalid'],
      ['PUT', '/devices/a1/desired', { modell: {} }, 400, 'request-invalid'],
      [
        'PUT',
        '/devices/a1/desired',
        { slots: { main: { model: { name: 'x', version: '1', digest } } } },
        409,
        'model-unknown',
      ],
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

  test('a database that cannot be written is reported as such', async () => {
    await announce(served, 'a1');
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
