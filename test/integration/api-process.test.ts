import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { DeviceList, EventList, MetricAnswer } from '../../src/api/index.ts';
import { metricNames } from '../../src/protocol/index.ts';
import { freePort } from '../contract/brokers.ts';
import { eventually } from './fleet/program.ts';
import { sharedDatabaseMissing as missing, SharedDatabase } from './fleet/shared-database.ts';

let fleet: SharedDatabase;
beforeEach(async () => {
  if (missing === undefined) fleet = await SharedDatabase.start({ devices: 3 });
});
afterEach(() => fleet?.close());

test.skipIf(missing !== undefined)(
  'a process with the role api reads history without a leader, and forwards everything else to the one there is',
  async () => {
    const { devices } = fleet;
    const leader = fleet.program('leader', { roles: ['control'] });
    await leader.line('started');
    const [ofStandby, ofApi] = [await freePort(), await freePort()];
    const probe = async (port: number, path: string) =>
      (await fetch(`http://127.0.0.1:${port}${path}`)).text();
    const standby = fleet.program('standby', {
      roles: ['control'],
      http: { port: 0, healthPort: ofStandby },
    });
    const beside = fleet.program('api', {
      roles: ['api', 'ingest'],
      http: { port: 0, healthPort: ofApi },
    });
    const { url } = await beside.line('started');
    const secret = readFileSync(join(fleet.folder, 'leader', 'admin.token'), 'utf8').trim();
    const ask = (path: string, { token = secret, ...init }: RequestInit & { token?: string } = {}) =>
      fetch(`${url}/api/v1${path}`, {
        ...init,
        headers: { authorization: `Bearer ${token}`, ...init.headers },
      });
    await devices.start(300);
    await eventually('data is taken', () => devices.acknowledged.size > 30);
    const metric = `metrics?name=${metricNames.fps}`;
    const history = async () => {
      const { series } = (await (await ask(`/devices/sim-1/${metric}`)).json()) as MetricAnswer;
      const { events } = (await (await ask('/devices/sim-1/events')).json()) as EventList;
      return { points: series[0]?.timeMs.length ?? 0, events: events.length };
    };
    expect(await history()).toEqual({ points: expect.any(Number), events: expect.any(Number) });
    expect((await history()).points).toBeGreaterThan(0);
    expect((await ask(`/devices/none/${metric}`)).status).toBe(404);
    expect((await ask('/events', { token: `${secret.slice(0, -1)}x` })).status).toBe(401);
    expect((await ask('/devices', { token: `${secret.slice(0, -1)}x` })).status).toBe(401);

    // Commands and the present are the leader's.
    const list = async () => ((await (await ask('/devices')).json()) as DeviceList).devices.length;
    expect(await list()).toBe(3);
    const made = await ask('/groups/yard/members', {
      method: 'PUT',
      body: JSON.stringify({ members: ['sim-1'] }),
      headers: { 'content-type': 'application/json' },
    });
    expect(made.status).toBeLessThan(300);
    const stream = await ask('/stream');
    const reader = stream.body?.getReader();
    let streamed = '';
    while (!streamed.includes('event: event'))
      streamed += new TextDecoder().decode((await reader?.read())?.value);
    await reader?.cancel();

    // Each process says what it is, and counts what it does.
    expect(JSON.parse(await probe(ofStandby, '/healthz'))).toMatchObject({
      ...{ status: 'ok', roles: { control: { part: 'standby' } } },
    });
    expect(JSON.parse(await probe(ofApi, '/healthz'))).toMatchObject({
      roles: { api: { status: 'ok' }, ingest: { status: 'ok', broker: 'online' } },
    });
    const metrics = await probe(ofApi, '/metrics');
    for (const part of ['goshawk_controller_role{role="api"} 1', 'goshawk_controller_role{role="ingest"} 1'])
      expect(metrics).toContain(part);
    for (const route of ['/api/v1/devices/:id/metrics', 'forwarded'])
      expect(metrics).toMatch(
        new RegExp(`http_request_seconds_count\\{[^}]*route="${route.replaceAll('/', '\\/')}"[^}]*\\} [1-9]`),
      );
    expect(await probe(ofStandby, '/metrics')).toContain('goshawk_controller_role{role="standby"} 1');

    // Without a leader history is still there; the next one is found by itself.
    standby.signal('SIGSTOP');
    await leader.end('SIGKILL');
    expect((await history()).points).toBeGreaterThan(0);
    const answer = await ask('/devices');
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ code: 'leader-away' });
    standby.signal('SIGCONT');
    await standby.line('started');
    expect(await probe(ofStandby, '/metrics')).toContain('goshawk_controller_role{role="leader"} 1');
    await eventually('the next leader answers', async () => (await list()) === 3);
    expect(await fleet.stored()).toEqual(fleet.expected);
  },
);
