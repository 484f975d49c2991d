import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CreatedToken, DesiredAnswer, GroupList, TokenList } from '../../../../src/api/index.ts';
import { announce } from './device-and-bundle.ts';
import { Served } from './serve.ts';

let served: Served;
beforeEach(async () => {
  served = await Served.open();
});
afterEach(() => served.close());

describe('groups and tokens', () => {
  test('a group is made, read and removed', async () => {
    await announce(served, 'a1');
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

  test('the last admin cannot lock everybody out', async () => {
    const { body } = await served.json<TokenList>('GET', '/tokens', 'admin');
    const admin = body.tokens.find(({ role }) => role === 'admin')!;
    expect(await served.json('DELETE', `/tokens/${admin.id}`, 'admin')).toMatchObject({
      status: 409,
      body: { code: 'last-admin' },
    });
  });
});
