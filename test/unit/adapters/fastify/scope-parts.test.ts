import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodePayload, topics } from '../../../../src/protocol/index.ts';
import { admin, fps, inside, insides, outside, TwoSites } from './two-sites.ts';

let sites: TwoSites;
let byLabel: string;
let byGroup: string;
let byBoth: string;
beforeAll(async () => {
  sites = await TwoSites.open();
  byLabel = await sites.token('admin', { labels: { site: 'berlin' } });
  byGroup = await sites.token('operator', { groups: ['hall-1'] });
  byBoth = await sites.token('operator', { groups: ['hall-1'], labels: { site: 'berlin' } });
}, 60_000);
afterAll(() => sites.served.close());

// biome-ignore lint/suspicious/noExplicitAny: answers of many operations are looked at, each a little.
async function json<T = any>(token: string, method: string, path: string, body?: unknown) {
  const [status, text] = await sites.ask(token, method, `/api/v1${path}`, body);
  return { status, body: (text === '' ? undefined : JSON.parse(text)) as T };
}
const get = async (path: string, token = byLabel) => (await json(token, 'GET', path)).body;

describe('A token with a scope sees its part', () => {
  test('in every list, and in what is counted', async () => {
    expect(await get('/devices')).toMatchObject({ total: 2, devices: insides.map((id) => ({ id })) });
    expect(await get('/devices?group=zone-all')).toMatchObject({ total: 2 });
    expect(await get('/fleet')).toMatchObject({ devices: 2, online: 2, alertsFiring: 2, driftIncidents: 2 });
    expect(await get('/fleet')).not.toHaveProperty('messagesReceived');
    expect((await get('/groups')).groups).toEqual([
      { name: 'hall-1', members: ['berlin-2'], settings: {}, declaredBy: [inside] },
      { name: 'zone-all', members: insides, settings: {} },
    ]);
    const labelled = (await get('/labels')).devices as { device: string }[];
    expect(labelled.map(({ device }) => device)).toEqual(insides);
    const events = (await get('/events')).events as { device: string }[];
    expect(new Set(events.map(({ device }) => device))).toEqual(new Set(insides));
    expect((await get('/models')).models).toMatchObject([{ name: 'street', devices: 2 }]);
    expect((await get('/drift')).rows).toHaveLength(2);
    expect((await get('/drift/incidents')).incidents).toHaveLength(2);
    expect((await get(`/fleet/metrics?name=${fps}`)).series).toMatchObject([{ labels: { camera: 'front' } }]);
  });

  test('a group is in it where its scope is that group, and so are alerts about it', async () => {
    const subjects = async (token: string) =>
      (await get('/alerts', token)).alerts.map(({ subject }: { subject: string }) => subject).sort();
    expect(await subjects(byLabel)).toEqual(insides);
    expect(await subjects(byGroup)).toEqual([...insides, 'group:hall-1']);
    expect(await subjects(byBoth)).toEqual(insides);
  });

  test('of a rollout that also has devices elsewhere its own devices alone', async () => {
    const list = (await get('/rollouts')).rollouts as { name: string; counts: object }[];
    expect(list.map(({ name, counts }) => [name, counts])).toEqual([
      ['berlin-only', { waiting: 2 }],
      ['everywhere', { waiting: 2 }],
    ]);
    const detail = await get('/rollouts/everywhere');
    expect(detail.devices.map(({ device }: { device: string }) => device)).toEqual(insides);
    expect(detail).toMatchObject({ notes: [], policy: { target: { devices: insides } } });
    expect((await get('/rollouts/berlin-only')).notes).toHaveLength(1);
  });

  test('and is told so', async () => {
    expect(await get('/me')).toMatchObject({ role: 'admin', scope: { labels: { site: 'berlin' } } });
    expect(await get('/me', sites.served.tokens.admin)).not.toHaveProperty('scope');
  });
});

describe('A token with a scope orders its part', () => {
  test('a device, of which the order reaches the device', async () => {
    const order = { name: 'street', version: '1.0.0' };
    const answer = await json(byLabel, 'PUT', `/devices/${inside}/slots/lane`, order);
    expect([answer.status, answer.body]).toMatchObject([200, {}]);
    await expect.poll(() => sites.orders).toContain(`${inside} desired`);
    expect((await json(byLabel, 'PUT', `/devices/${inside}/hold`, { reason: 'wait' })).status).toBe(200);
    expect((await json(byLabel, 'DELETE', `/devices/${inside}/hold`)).status).toBe(200);
  });

  test('a target, which means no device elsewhere', async () => {
    const resolve = async (target: object) => (await json(byLabel, 'POST', '/targets', { target })).body;
    const ids = insides.map((id) => ({ id, online: true }));
    expect(await resolve({ all: true })).toEqual({ devices: ids, unknown: [] });
    expect(await resolve({ groups: ['zone-all'] })).toEqual({ devices: ids, unknown: [] });
    expect(await resolve({ groups: ['hall-2'] })).toEqual({ devices: [], unknown: [] });
    expect(await resolve({ devices: [outside, 'never'] })).toEqual({
      devices: [],
      unknown: [outside, 'never'],
    });
    const wider = await json(byLabel, 'POST', '/targets', {
      target: { all: true, within: { labels: { site: 'bavaria' } } },
    });
    expect([wider.status, wider.body.code]).toEqual([400, 'scope-other']);
  });

  test('a rollout, which never has a device elsewhere, now or later', async () => {
    const policy = { model: { name: 'street', version: '1.0.0' }, slot: 'night', target: { all: true } };
    const made = await json(byLabel, 'POST', '/rollouts', { name: 'ours', draft: true, policy });
    expect([made.status, made.body.policy?.target]).toEqual([
      201,
      { all: true, within: { labels: { site: 'berlin' } } },
    ]);
    expect(made.body.devices.map(({ device }: { device: string }) => device)).toEqual(insides);
    const waves = [{ devices: [outside] }, { devices: ['never'] }].map((wave) => ({ waves: [wave] }));
    const said = await Promise.all(
      waves.map((more) =>
        json(byLabel, 'POST', '/rollouts/preview', { name: 'x', policy: { ...policy, ...more } }),
      ),
    );
    expect(said[0]!.body.message.replace(outside, 'never')).toBe(said[1]!.body.message);
  });

  test('and not a rollout that also has devices elsewhere', async () => {
    const before = sites.served.controller.rollouts.detail('everywhere');
    const answer = await json(byLabel, 'POST', '/rollouts/everywhere/actions', { action: 'abort' });
    expect([answer.status, answer.body.code]).toEqual([403, 'rollout-wider']);
    const policy = {
      ...{ model: { name: 'street', version: '1.0.0' }, slot: 'plate', target: { all: true } },
      supersede: true,
    };
    const instead = await json(byLabel, 'POST', '/rollouts', { name: 'instead', policy });
    expect([instead.status, instead.body.code]).toEqual([403, 'rollout-wider']);
    expect(sites.served.controller.rollouts.detail('everywhere')).toEqual(before);
  });

  test('a group that is its whole scope, and no other', async () => {
    const model = { name: 'street', version: '1.0.0' };
    const order = async (token: string, group: string) =>
      (await json(token, 'PUT', `/groups/${group}/slots/lane`, model)).status;
    const { body } = await json(byLabel, 'PUT', '/groups/hall-1/slots/lane', model);
    expect(body.message).toContain('needs a token for this group alone');
    expect(await order(byLabel, 'hall-1')).toBe(403);
    expect(await order(byBoth, 'hall-1')).toBe(403);
    expect(await order(byGroup, 'zone-all')).toBe(403);
    expect(await order(byGroup, 'hall-1')).toBe(200);
  });

  test('and changes nothing that scopes are made of', async () => {
    const changes: [string, string, unknown][] = [
      ['PUT', `/devices/${inside}/labels`, { site: 'berlin', ring: 'canary' }],
      ['PUT', `/devices/${outside}/labels`, { site: 'berlin' }],
      ['PUT', '/groups/hall-1/members', { members: [outside] }],
      ['PUT', '/groups/new/members', { members: [inside] }],
      ['DELETE', '/groups/hall-1', undefined],
      ['POST', '/tokens', { name: 'more', role: 'viewer' }],
      ['POST', '/tokens', { name: 'more', role: 'admin', scope: { labels: { site: 'berlin' } } }],
      ['POST', '/claims', { name: 'more', groups: ['hall-1'] }],
    ];
    for (const [method, path, body] of changes) {
      const { status, body: said } = await json(byLabel, method, path, body);
      expect([status, said.code], `${method} ${path}`).toEqual([403, 'scope-exceeded']);
    }
  });
});

describe('Beside the API', () => {
  test('the registry and the metrics of the controller are for the whole fleet', async () => {
    for (const path of ['/v2/', '/v2/_catalog', '/v2/street/tags/list', '/v2/token']) {
      const [status, text] = await sites.ask(byLabel, 'GET', path);
      expect([status, text], path).toEqual([403, expect.stringContaining('limited to site=berlin')]);
    }
    expect((await sites.ask(byLabel, 'GET', '/metrics'))[0]).toBe(403);
    expect((await sites.ask(sites.served.tokens.viewer, 'GET', '/metrics'))[0]).toBe(200);
  });

  test('a refused change is in the audit, with the device as it was named', async () => {
    await json(byGroup, 'PUT', `/devices/${outside}/hold`, { reason: 'mine' });
    expect(sites.served.store.auditRows.at(-1)).toMatchObject({
      ...{ action: 'PUT /api/v1/devices/:id/hold', result: 'forbidden' },
      target: `/api/v1/devices/${outside}/hold`,
    });
  });

  test('the last admin of the whole fleet stays, even if there are admins of parts', async () => {
    const { access } = sites.served.controller;
    const admins = access.listTokens().tokens.filter(({ role, scope }) => role === 'admin' && !scope);
    for (const { id } of admins.slice(1)) await access.deleteToken(admin, id);
    await expect(access.deleteToken(admin, admins[0]!.id)).rejects.toMatchObject({ code: 'last-admin' });
  });

  test('no token that fetches artifacts has a scope', async () => {
    const scope = { groups: ['hall-1'] };
    const made = sites.served.controller.access.createToken(admin, { name: 'd', role: 'device', scope });
    await expect(made).rejects.toMatchObject({ code: 'scope-role' });
  });
});

test('The stream tells of the part alone, and takes back a device that leaves it', async () => {
  const { served } = sites;
  const stop = new AbortController();
  const headers = { authorization: `Bearer ${byGroup}` };
  const response = await fetch(`${served.url}/api/v1/stream`, { headers, signal: stop.signal });
  let text = '';
  const reading = (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>)
      text += decoder.decode(chunk, { stream: true });
  })().catch(() => undefined);
  await expect.poll(() => text).toContain('event: fleet');
  for (const [at, id] of [outside, 'berlin-2'].entries()) await sites.event(id, `later-event-${id}`, 9 + at);
  await expect.poll(() => text, { timeout: 30_000 }).toContain('later-event-berlin-2');
  await expect.poll(() => text, { timeout: 30_000 }).toMatch(/event: device\n.*"berlin-2"/);
  await served.controller.groups.setMembers(admin, 'hall-1', []);
  await served.device.publish({
    ...{ topic: topics.state('berlin-2'), qos: 1, retain: true },
    payload: encodePayload('state', { online: false, session: 1, reason: 'shutdown' }),
  });
  await expect
    .poll(() => text, { timeout: 30_000 })
    .toContain('event: device-deleted\ndata: {"id":"berlin-2"}');
  const counts = () =>
    [...text.matchAll(/event: fleet\ndata: (.*)\n/g)].map(([, data]) => JSON.parse(data ?? '').devices);
  await expect.poll(() => counts().at(-1), { timeout: 30_000 }).toBe(1);
  stop.abort();
  await reading;
  for (const secret of ['munich', 'hall-2']) expect(text).not.toContain(secret);
  expect(new Set(counts())).toEqual(new Set([2, 1]));
});
