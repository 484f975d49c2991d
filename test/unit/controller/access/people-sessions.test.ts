import { beforeEach, describe, expect, it } from 'vitest';
import { nodeSecrets } from '../../../../src/adapters/crypto/node-secrets.ts';
import { People } from '../../../../src/controller/access/people.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';
import { admin } from '../../../fakes/test-fleet.ts';

const hour = 3_600_000;

describe('Sessions of people', () => {
  let clock: FakeClock;
  let noted: string[];
  let ended: string[];
  let people: People;

  beforeEach(() => {
    clock = new FakeClock();
    noted = [];
    ended = [];
    const audit = {
      note: async (_: unknown, action: string, target: string) => noted.push(`${action} ${target}`),
    };
    const bus = { emit: (_: string, tokenId: string) => ended.push(tokenId) };
    const secrets = { state: 's', nonce: 'n', codeVerifier: 'c' };
    const provider = {
      begin: async () => ({ address: 'https://provider', secrets }),
      finish: async (name: string) => ({ sub: name, preferred_username: name, groups: ['ops'] }),
    };
    people = new People(
      { clock, secrets: nodeSecrets, audit, bus } as never,
      {
        provider,
        sessionMs: 8 * hour,
        groupsClaim: 'groups',
        roles: { viewer: [], operator: ['ops'], admin: [] },
        scopedRoles: [],
      } as never,
    );
  });

  async function signIn(name: string): Promise<string> {
    const { browser } = await people.begin();
    return people.finish(browser, name);
  }

  it('are listed, the newest first, without anything that signs in', async () => {
    const cookie = await signIn('ann');
    const annMs = clock.wallMs();
    await clock.pass(hour);
    await signIn('bob');
    const { sessions } = people.list();
    expect(sessions.map(({ name }) => name)).toEqual(['bob', 'ann']);
    expect(sessions[1]).toMatchObject({ role: 'operator', sinceMs: annMs, untilMs: annMs + 8 * hour });
    expect(() => people.authenticate(sessions[1]?.id ?? '')).toThrow('ended');
    expect(people.authenticate(cookie).name).toBe('ann');
    await clock.pass(7 * hour);
    expect(people.list().sessions.map(({ name }) => name)).toEqual(['bob']);
  });

  it('end when an admin ends them, which the audit log and open streams learn', async () => {
    const cookie = await signIn('ann');
    const [{ id } = { id: '' }] = people.list().sessions;
    await people.endSession(admin, id);
    expect(() => people.authenticate(cookie)).toThrow('ended');
    expect(noted.at(-1)).toBe('session.ended ann');
    expect(ended).toEqual(['oidc:ann']);
    await expect(people.endSession(admin, id)).rejects.toMatchObject({ code: 'unknown-session' });
  });
});
