import { expect, test } from 'vitest';
import { healthOf, ProcessProbes, type RoleHealth } from '../../../../src/runtime/controller/probes.ts';
import { ControllerSettings } from '../../../../src/runtime/settings/controller.ts';
import { checkSettings } from '../../../../src/runtime/settings/read.ts';
import type { RoleName } from '../../../../src/runtime/settings/roles.ts';
import { freePort } from '../../../contract/brokers.ts';

const leads: RoleHealth = { part: 'leader', well: true };
const stores: RoleHealth = { part: 'ingest', well: true, details: { broker: 'online' } };

test.each<[what: string, roles: [RoleName, RoleHealth][], status: number, says: string]>([
  ['leads', [['control', leads]], 200, 'ok'],
  ['stands by', [['control', { part: 'standby', well: true }]], 200, 'ok'],
  ['waits for the tables', [['ingest', { well: false }]], 503, 'starting'],
  [
    'leads, and does not store yet',
    [
      ['control', leads],
      ['ingest', { well: false }],
    ],
    503,
    'starting',
  ],
  [
    'leads, and has lost the broker of its other role',
    [
      ['control', leads],
      ['ingest', { ...stores, well: false }],
    ],
    503,
    'degraded',
  ],
  [
    'does both',
    [
      ['control', leads],
      ['ingest', stores],
    ],
    200,
    'ok',
  ],
])('a process that %s', (_what, roles, status, says) => {
  expect(healthOf(new Map(roles))).toMatchObject({ status, body: { status: says } });
});

test('each role says what it is and how it is', () => {
  expect(
    healthOf(
      new Map([
        ['control', leads],
        ['ingest', stores],
      ]),
    ).body,
  ).toEqual({
    status: 'ok',
    roles: { control: { status: 'ok', part: 'leader' }, ingest: { status: 'ok', broker: 'online' } },
  });
});

test('the port answers from the start on, and says when the process stands by', async () => {
  const healthPort = await freePort();
  const settings = checkSettings(
    ControllerSettings,
    {
      ...{ dataDir: '/nowhere', broker: { url: 'mqtt://127.0.0.1:1' }, roles: ['control', 'ingest'] },
      ...{ database: { url: 'postgres://a@b/c' }, http: { healthPort } },
    },
    'test',
  );
  const probes = await ProcessProbes.open(settings);
  const ask = async (path: string) => (await fetch(`http://127.0.0.1:${healthPort}${path}`)).text();
  try {
    expect(JSON.parse(await ask('/healthz')).status).toBe('starting');
    expect(await ask('/metrics')).not.toContain('goshawk_controller_role{');
    probes.show('control', () => ({ part: 'standby', well: true }));
    expect(await ask('/metrics')).toContain('goshawk_controller_role{role="standby"} 1');
    await expect(ProcessProbes.open(settings)).rejects.toMatchObject({ code: 'address-taken' });
  } finally {
    probes.close();
  }
  await expect(ask('/livez')).rejects.toThrow();
});
