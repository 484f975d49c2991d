import { beforeEach, describe, expect, it } from 'vitest';
import { nodeSecrets } from '../../../../src/adapters/crypto/index.ts';
import { TokenRegistry } from '../../../../src/controller/access/token-registry.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';

let clock: FakeClock;
let tokens: TokenRegistry;
beforeEach(() => {
  clock = new FakeClock();
  tokens = new TokenRegistry(nodeSecrets, clock);
});

function make(name = 'ann', role: 'admin' | 'viewer' = 'admin'): { id: string; token: string } {
  const { created, row } = tokens.draft({ name, role }, 'system');
  tokens.add(row);
  return { id: created.id, token: created.token };
}

describe('The tokens', () => {
  it('admit their holders with the role of the token', () => {
    const { id, token } = make('ann', 'viewer');
    expect(tokens.authenticate(token).caller).toEqual({ tokenId: id, name: 'ann', role: 'viewer' });
  });

  it('keep no secret: what is stored does not hold it', () => {
    const { created, row } = tokens.draft({ name: 'ann', role: 'admin' }, 'bob');
    const secret = created.token.split('_')[2]!;
    expect(secret).toMatch(/^[0-9a-f]{64}$/);
    expect(JSON.stringify(row)).not.toContain(secret);
    expect(created).toMatchObject({
      name: 'ann',
      role: 'admin',
      createdBy: 'bob',
      createdMs: clock.wallMs(),
    });
    expect(created).not.toHaveProperty('hash');
    tokens.add(row);
    expect(tokens.list()).toEqual([expect.not.objectContaining({ hash: expect.anything() })]);
  });

  it('are of no use before they are added and after they are removed', () => {
    const { created, row } = tokens.draft({ name: 'ann', role: 'admin' }, 'system');
    expect(() => tokens.authenticate(created.token)).toThrow();
    tokens.add(row);
    tokens.authenticate(created.token);
    tokens.remove(row.id);
    expect(() => tokens.authenticate(created.token)).toThrow();
  });

  it('refuse everything else with the same words, so that callers do not learn why', () => {
    const { token } = make();
    const [, id, secret] = token.split('_') as [string, string, string];
    const wrong = [
      '',
      'gsk',
      id,
      `gsk_${id}`,
      `gsk_${id}_`,
      `gsk_${id}_${secret}_more`,
      `gsk_${id}_${secret.slice(1)}`,
      `gsk_${id}_${secret.replace(/.$/, (last) => (last === '0' ? '1' : '0'))}`,
      `GSK_${id}_${secret}`,
      `gsk_${'0'.repeat(12)}_${secret}`,
      `gsk_${secret}_${id}`,
      ` ${token}`,
    ];
    const said = wrong.map((one) => {
      try {
        tokens.authenticate(one);
        return 'let in';
      } catch (error) {
        const { code, message, remedy } = error as { code: string; message: string; remedy: string };
        return `${code} ${message} ${remedy}`;
      }
    });
    expect(new Set(said).size).toBe(1);
    expect(said[0]).toMatch(/^token-refused The token is not valid\. Use a token/);
    expect(() => tokens.authenticate(undefined)).toThrow(/carries no token/);
  });

  it('say that they were used, once a minute, also after the clock was set back', () => {
    const { id, token } = make();
    const used = () => tokens.authenticate(token).used;
    expect(used()).toEqual({ kind: 'token-used', id, lastUsedMs: clock.wallMs() });
    expect(used()).toBeUndefined();
    clock.advance(59_999);
    expect(used()).toBeUndefined();
    clock.advance(1);
    expect(used()).toMatchObject({ lastUsedMs: clock.wallMs() });
    clock.jumpWall(-3_600_000);
    expect(used()).toMatchObject({ lastUsedMs: clock.wallMs() });
    expect(tokens.list()).toMatchObject([{ id, lastUsedMs: clock.wallMs() }]);
  });

  it('are listed by their age', () => {
    expect(tokens.isEmpty).toBe(true);
    const ids = ['a', 'b', 'c'].map((name) => {
      clock.advance(1000);
      return make(name).id;
    });
    const rows = tokens.list();
    expect(rows.map(({ id }) => id)).toEqual(ids);
    expect(tokens.isEmpty).toBe(false);
  });

  it('keep the last admin, and let others go', () => {
    const first = make('ann');
    const viewer = make('eve', 'viewer');
    expect(() => tokens.expectDeletable(first.id)).toThrow(expect.objectContaining({ code: 'last-admin' }));
    expect(tokens.expectDeletable(viewer.id).name).toBe('eve');
    make('bob');
    expect(tokens.expectDeletable(first.id).name).toBe('ann');
    expect(() => tokens.expectDeletable('nobody')).toThrow(
      expect.objectContaining({ code: 'token-unknown' }),
    );
  });

  it('may be chosen elsewhere, in their form alone', () => {
    const token = `gsk_${'ab'.repeat(6)}_${'cd'.repeat(32)}`;
    tokens.add(tokens.rowFor(token, { name: 'demo', role: 'viewer' }, 'system'));
    expect(tokens.authenticate(token).caller).toMatchObject({ tokenId: 'ab'.repeat(6), name: 'demo' });
    for (const wrong of ['', 'gsk_a_b', token.toUpperCase(), `${token}0`, token.replace('gsk', 'xyz')])
      expect(() => tokens.rowFor(wrong, { name: 'demo', role: 'viewer' }, 'system')).toThrow(
        expect.objectContaining({ code: 'token-form' }),
      );
  });
});
