import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nodeSecrets } from '../../../../src/adapters/crypto/node-secrets.ts';
import type { Role } from '../../../../src/api/index.ts';
import { GoshawkError } from '../../../../src/base/index.ts';
import {
  grantedOf,
  isInScope,
  parseScopes,
  roleFor,
  scopeText,
  wantedBy,
} from '../../../../src/controller/registry/access.ts';
import { contentRangeOf, rangeOf } from '../../../../src/controller/registry/byte-range.ts';
import { parseEndpoint } from '../../../../src/controller/registry/endpoint.ts';
import { pageOf } from '../../../../src/controller/registry/listing.ts';
import { TokenIssuer } from '../../../../src/controller/registry/token-issuer.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';

const digest = `sha256:${'a'.repeat(64)}`;

describe('The path of a request', () => {
  it.each([
    ['', { kind: 'ping' }],
    ['token', { kind: 'token' }],
    ['_catalog', { kind: 'catalog' }],
    ['a/b/tags/list', { kind: 'tags', name: 'a/b' }],
    ['a/blobs/uploads/', { kind: 'uploads', name: 'a' }],
    ['a/blobs/uploads', { kind: 'uploads', name: 'a' }],
    ['a/blobs/uploads/0f', { kind: 'upload', name: 'a', id: '0f' }],
    [`a/blobs/${digest}`, { kind: 'blob', name: 'a', digest }],
    [`tags/list/blobs/${digest}`, { kind: 'blob', name: 'tags/list', digest }],
    ['blobs/uploads/manifests/1', { kind: 'manifest', name: 'blobs/uploads', reference: '1' }],
    [`a/referrers/${digest}`, { kind: 'referrers', name: 'a', digest }],
    ['a/other/1', undefined],
    ['a', undefined],
  ])('%s is understood', (path, endpoint) => expect(parseEndpoint(path)).toEqual(endpoint));

  it('is an endpoint, nothing, or an error of ours, whatever it is', () => {
    const part = fc.oneof(
      fc.string(),
      fc.constantFrom('a', 'blobs', 'uploads', 'manifests', 'tags', 'list', '..', digest),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
        try {
          const endpoint = parseEndpoint(parts.join('/'));
          if (endpoint !== undefined && 'name' in endpoint) expect(endpoint.name).toMatch(/^[a-z0-9/._-]+$/);
        } catch (error) {
          expect(error).toBeInstanceOf(GoshawkError);
        }
      }),
    );
  });
});

describe('A range', () => {
  it.each([
    [undefined, 'whole'],
    ['bytes=0-', { from: 0, to: 9 }],
    ['bytes=3-5', { from: 3, to: 5 }],
    ['bytes=3-99', { from: 3, to: 9 }],
    ['bytes=-3', { from: 7, to: 9 }],
    ['bytes=-99', { from: 0, to: 9 }],
    ['bytes=10-', 'unsatisfiable'],
    ['bytes=-0', 'unsatisfiable'],
    ['bytes=5-3', 'whole'],
    ['bytes=0-1,3-4', 'whole'],
    ['lines=0-1', 'whole'],
    ['bytes=-', 'whole'],
    [`bytes=${'9'.repeat(40)}-`, 'whole'],
  ])('%s of ten bytes is %j', (header, range) => expect(rangeOf(header, 10)).toEqual(range));

  it('without devices is never one', () => {
    expect(rangeOf('bytes=0-', 0)).toBe('unsatisfiable');
  });

  it.each([
    [undefined, undefined],
    ['0-3', { from: 0, length: 4 }],
    ['bytes 4-4/9', { from: 4, length: 1 }],
    ['3-0', 'invalid'],
    ['a-b', 'invalid'],
    ['', 'invalid'],
  ])('of an upload %j is %j', (header, range) => expect(contentRangeOf(header)).toEqual(range));
});

describe('A list', () => {
  it('read page by page is the list, with pages of every size', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.stringMatching(/^[a-z]{1,3}$/)),
        fc.integer({ min: 1, max: 7 }),
        (names, n) => {
          const sorted = [...names].sort();
          const read: string[] = [];
          for (let last: string | undefined; ; ) {
            const page = pageOf(sorted, String(n), last);
            read.push(...page.names);
            if (page.next === undefined) break;
            last = page.next.last;
          }
          expect(read).toEqual(sorted);
        },
      ),
    );
  });

  it('of no entries has no next page', () => expect(pageOf(['a'], '0', undefined)).toEqual({ names: [] }));
});

describe('Access', () => {
  const rows: [string, string, string | undefined, Role][] = [
    ['GET', '', undefined, 'device'],
    ['GET', '_catalog', 'registry:catalog:*', 'viewer'],
    ['GET', 'a/tags/list', 'repository:a:pull', 'device'],
    ['HEAD', `a/blobs/${digest}`, 'repository:a:pull', 'device'],
    ['POST', 'a/blobs/uploads/', 'repository:a:pull,push', 'operator'],
    ['GET', 'a/blobs/uploads/0f', 'repository:a:pull,push', 'operator'],
    ['DELETE', 'a/blobs/uploads/0f', 'repository:a:pull,push', 'operator'],
    ['PUT', 'a/manifests/1', 'repository:a:pull,push', 'operator'],
    ['DELETE', 'a/manifests/1', 'repository:a:delete', 'admin'],
    ['DELETE', `a/blobs/${digest}`, 'repository:a:delete', 'admin'],
  ];
  it.each(rows)('%s /v2/%s wants %s and the role %s', (method, path, scope, role) => {
    const wanted = wantedBy(method, parseEndpoint(path) ?? { kind: 'ping' });
    expect([scopeText(wanted), roleFor(wanted)]).toEqual([scope, role]);
    // A token that was asked for as the challenge says is good for it.
    expect(isInScope(parseScopes([scope ?? '']), wanted)).toBe(true);
    expect(isInScope(parseScopes(['repository:other:pull,push,delete']), wanted)).toBe(wanted === undefined);
  });

  it.each<[Role, string[]]>([
    ['device', ['pull']],
    ['viewer', ['pull']],
    ['operator', ['pull', 'push']],
    ['admin', ['pull', 'push', 'delete']],
  ])('a %s gets %j of everything', (role, actions) => {
    const caller = { tokenId: 't', name: 'n', role };
    expect(grantedOf(parseScopes(['repository:a/b:*']), caller)).toEqual([
      { type: 'repository', name: 'a/b', actions },
    ]);
    expect(grantedOf(parseScopes(['plugin:a:*']), caller)).toEqual([]);
  });

  it('scopes that are none, or too many, are left out', () => {
    expect(parseScopes(['', 'a', 'repository:a', 'repository:a:PULL'])).toEqual([]);
    expect(parseScopes([Array(100).fill('repository:a:pull').join(' ')])).toHaveLength(32);
  });
});

describe('A short token', () => {
  const asks = { caller: { tokenId: 't1', name: 'ci', role: 'viewer' as const }, scopes: [] };

  it('ends after five minutes, or with the token that it was given for', () => {
    const clock = new FakeClock();
    const tokens = new TokenIssuer(nodeSecrets, clock);
    const { token, expiresInSeconds } = tokens.issue(asks);
    expect(tokens.authenticate(token)).toEqual(asks);
    clock.advance(expiresInSeconds * 1000 - 1);
    expect(tokens.authenticate(token)).toEqual(asks);
    clock.advance(1);
    expect(() => tokens.authenticate(token)).toThrow('ended');
    const another = tokens.issue(asks).token;
    tokens.revoke('t1');
    expect(() => tokens.authenticate(another)).toThrow('not valid');
    expect(() => tokens.authenticate('gsr_')).toThrow('not valid');
  });
});
