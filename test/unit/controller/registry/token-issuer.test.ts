import { describe, expect, it } from 'vitest';
import { nodeSecrets } from '../../../../src/adapters/crypto/index.ts';
import type { RegistryCaller } from '../../../../src/controller/registry/access.ts';
import { TokenIssuer } from '../../../../src/controller/registry/token-issuer.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';

const caller = { caller: { tokenId: 'a' } } as unknown as RegistryCaller;

describe('Tokens of the registry', () => {
  it('are limited: a request for 20,000 more ends the oldest one', () => {
    const issuer = new TokenIssuer(nodeSecrets, new FakeClock());
    const [first, second] = [issuer.issue(caller).token, issuer.issue(caller).token];
    for (let more = 0; more < 19_999; more++) issuer.issue(caller);
    expect(() => issuer.authenticate(first)).toThrow('is not valid, or has ended');
    expect(issuer.authenticate(second)).toBe(caller);
  });
});
