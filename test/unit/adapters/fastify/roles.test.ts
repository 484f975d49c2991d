import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Route } from '../../../../src/adapters/fastify/route.ts';
import type { Role } from '../../../../src/api/index.ts';
import { Served } from './serve.ts';

const digest = `sha256:${'a'.repeat(64)}`;
/** What one request puts there is not there for the next one. */
const written = `sha256:${'b'.repeat(64)}`;

/**
 * Every route and who may use it, written down a second time: a route that is added, or whose role is changed by
 * mistake, must be changed here too.
 */
const table: Readonly<Record<string, Role>> = {
  'GET /devices': 'viewer',
  'GET /devices/:id': 'viewer',
  'DELETE /devices/:id': 'admin',
  'PUT /devices/:id/desired': 'operator',
  'PUT /devices/:id/slots/:slot': 'operator',
  'DELETE /devices/:id/slots/:slot': 'operator',
  'POST /devices/:id/describe': 'viewer',
  'POST /devices/:id/robot': 'operator',
  'GET /devices/:id/metrics': 'viewer',
  'GET /fleet/metrics': 'viewer',
  'GET /fleet/profile': 'viewer',
  'GET /fleet/profile/summed': 'operator',
  'GET /rollouts/:rollout/experiment': 'viewer',
  'GET /devices/:id/slots/:slot/agreement': 'viewer',
  'GET /fleet': 'viewer',
  'GET /devices/:id/events': 'viewer',
  'GET /events': 'viewer',
  'GET /groups': 'viewer',
  'POST /devices/:id/retry': 'operator',
  'POST /groups/:group/retry': 'operator',
  'PUT /groups/:group/members': 'operator',
  'PUT /groups/:group/desired': 'operator',
  'PUT /groups/:group/slots/:slot': 'operator',
  'DELETE /groups/:group/slots/:slot': 'operator',
  'DELETE /groups/:group': 'operator',
  'POST /targets': 'viewer',
  'GET /labels': 'viewer',
  'PUT /devices/:id/labels': 'operator',
  'PUT /devices/:id/hold': 'operator',
  'DELETE /devices/:id/hold': 'operator',
  'POST /devices/:id/override-safety': 'admin',
  'GET /approval-rules': 'viewer',
  'PUT /approval-rules': 'admin',
  'GET /approvals': 'operator',
  'POST /approvals/:approval/approve': 'operator',
  'POST /approvals/:approval/refuse': 'operator',
  'POST /approvals/:approval/break-glass': 'admin',
  'GET /rollouts': 'viewer',
  'POST /rollouts': 'operator',
  'POST /rollouts/preview': 'viewer',
  'GET /rollouts/:rollout': 'viewer',
  'POST /rollouts/:rollout/actions': 'operator',
  'PUT /rollouts/freeze': 'operator',
  'DELETE /rollouts/freeze': 'operator',
  'GET /drift': 'viewer',
  'GET /drift/incidents': 'viewer',
  'GET /drift/incidents/:incident': 'viewer',
  'GET /devices/:id/drift': 'viewer',
  'GET /devices/:id/clips': 'viewer',
  'GET /devices/:id/clips/:clip': 'viewer',
  'POST /devices/:id/clips': 'operator',
  'POST /devices/:id/restart': 'operator',
  'POST /devices/:id/reboot': 'admin',
  'GET /devices/:id/logs': 'operator',
  'GET /devices/:id/bundle': 'operator',
  'POST /devices/:id/camera-trials': 'operator',
  'POST /devices/:id/cameras': 'operator',
  'PUT /devices/:id/cameras/:camera/name': 'operator',
  'DELETE /devices/:id/cameras/:camera': 'operator',
  'GET /devices/:id/frames': 'viewer',
  'GET /devices/:id/frames/:frame': 'viewer',
  'GET /devices/:id/frames.tar': 'operator',
  'GET /devices/:id/frame-reviews': 'viewer',
  'PUT /devices/:id/frames/:frame/review': 'operator',
  'GET /alerts': 'viewer',
  'POST /alerts/:id/acknowledge': 'operator',
  'POST /alerts/:id/silence': 'operator',
  'POST /alerts/:id/assign': 'operator',
  'GET /alert-rules': 'viewer',
  'POST /alert-rules': 'admin',
  'PUT /alert-rules/:id': 'admin',
  'DELETE /alert-rules/:id': 'admin',
  'POST /alert-rules/:id/test': 'admin',
  'GET /models': 'viewer',
  'POST /models/uploads': 'operator',
  'POST /models': 'operator',
  'GET /sites/map': 'viewer',
  'GET /sites/:site/plan': 'viewer',
  'PUT /sites/:site/plan': 'operator',
  'DELETE /sites/:site/plan': 'operator',
  'DELETE /models/:digest': 'admin',
  'GET /me': 'device',
  'GET /tokens': 'admin',
  'POST /tokens': 'admin',
  'GET /claims': 'admin',
  'POST /claims': 'admin',
  'DELETE /claims/:id': 'admin',
  'GET /enrolments': 'admin',
  'POST /enrolments/:id/approve': 'admin',
  'POST /enrolments/:id/reject': 'admin',
  'GET /certificates': 'admin',
  'POST /devices/:id/revoke': 'admin',
  'DELETE /tokens/:id': 'admin',
  'GET /sessions': 'admin',
  'DELETE /sessions/:id': 'admin',
  'GET /audit': 'admin',
  'GET /audit/check': 'admin',
  'GET /stream': 'viewer',
  'GET /devices/:id/cameras/:camera/preview': 'viewer',
  'GET /trust': 'viewer',
  'GET /trust/published': 'viewer',
  'GET /trust/anchor': 'device',
  'PUT /trust': 'admin',
};

const allowed: Readonly<Record<Role, readonly Role[]>> = {
  device: ['device', 'viewer', 'operator', 'admin'],
  viewer: ['viewer', 'operator', 'admin'],
  operator: ['operator', 'admin'],
  admin: ['admin'],
};

/** A server lets thirty requests without a token in a minute through to their refusal, so there are enough servers. */
const perServer = 25;
let servers: Served[] = [];
let served: Served;
let routes: readonly Route[];
beforeAll(async () => {
  const count = Math.ceil(Object.keys(table).length / perServer);
  servers = await Promise.all(Array.from({ length: count }, () => Served.open()));
  served = servers[0]!;
  routes = served.server.routes;
});
afterAll(() => Promise.all(servers.map((one) => one.close())));

const pathOf = (method: string, url: string) =>
  `/api/v1${url
    .replace(':id', 'nobody')
    .replace(':group', 'west')
    .replace(':slot', 'plate')
    .replace(':digest', method === 'PUT' ? written : digest)
    .replace(':camera', 'front')
    .replace(':incident', 'none')
    .replace(':frame', 'a-1')
    .replace('*', 'a.onnx')}`;

async function statusFor(by: Served, key: string, token: string | undefined): Promise<number> {
  const [method = '', url = ''] = key.split(' ');
  const stop = new AbortController();
  const response = await fetch(`${by.url}${pathOf(method, url)}`, {
    method,
    signal: stop.signal,
    ...(token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } }),
  });
  stop.abort();
  return response.status;
}

test('the table names every route there is', () => {
  expect(routes.map((one) => `${String(one.method)} ${one.url}`).sort()).toEqual(Object.keys(table).sort());
});

describe('every route', () => {
  for (const [index, [key, needed]] of Object.entries(table).entries()) {
    test(`${key} is only for ${allowed[needed].join(', ')}`, async () => {
      const by = servers[Math.floor(index / perServer)]!;
      expect(await statusFor(by, key, undefined)).toBe(401);
      for (const role of ['device', 'viewer', 'operator', 'admin'] as const) {
        const status = await statusFor(by, key, by.tokens[role]);
        if (allowed[needed].includes(role)) expect([401, 403], `${role}`).not.toContain(status);
        else expect(status, role).toBe(403);
      }
    });
  }
});

test('a refused request is in the audit log, unless it only reads', async () => {
  const before = served.store.auditRows.length;
  await served.json('PUT', '/groups/west/members', 'viewer', { members: [] });
  await served.json('GET', '/tokens', 'viewer');
  expect(served.store.auditRows.slice(before)).toMatchObject([
    {
      action: 'PUT /api/v1/groups/:group/members',
      result: 'forbidden',
      target: '/api/v1/groups/west/members',
    },
  ]);
});

test('a wrong token is refused the same way whatever is wrong with it', async () => {
  const other = await Served.open();
  const good = other.tokens.admin;
  const answers = new Set<string>();
  for (const token of [
    `${good.slice(0, -1)}${good.endsWith('0') ? '1' : '0'}`,
    good.replace('gsk_', 'gsk_0'),
    'gsk__',
    'nonsense',
    `${good}_x`,
  ]) {
    const response = await fetch(`${other.url}/api/v1/me`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('Bearer');
    answers.add(await response.text());
  }
  await other.close();
  expect(answers.size).toBe(1);
});

test('who tries wrong tokens again and again is slowed down, a right one goes through', async () => {
  const other = await Served.open();
  try {
    let last = 0;
    for (let turn = 0; turn < 40; turn++)
      last = (await fetch(`${other.url}/api/v1/me`, { headers: { authorization: 'Bearer gsk_a_b' } })).status;
    expect(last).toBe(429);
    expect((await other.fetch('/api/v1/me', 'viewer')).status).toBe(200);
  } finally {
    await other.close();
  }
});
