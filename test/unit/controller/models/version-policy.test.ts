import { describe, expect, it } from 'vitest';
import type { VersionPolicy } from '../../../../src/api/index.ts';
import { checkPolicy, chooseVersion, isMoving } from '../../../../src/controller/models/version-policy.ts';

const held = ['1.0.0', '1.2.0', '1.10.0', '2.0.0', '2.1.0-beta.1', '1.2.0', 'nightly'].map((version, n) => ({
  ...{ name: 'street', version, digest: `${n}` },
  uploadedMs: n,
}));
const others = [{ name: 'plate', version: '9', digest: 'p', uploadedMs: 99 }];

describe('A version policy', () => {
  it.each<[string, VersionPolicy, string | undefined]>([
    [
      'latest is the highest version that is no pre-release, however late others came',
      { follows: 'latest' },
      '3',
    ],
    ['a caret keeps the first number', { follows: 'range', range: '^1.2' }, '2'],
    ['a tilde keeps the second', { follows: 'range', range: '~1.0.0' }, '0'],
    ['of one version twice the newer upload', { follows: 'range', range: '1.2.0' }, '5'],
    ['a pre-release is chosen by who names it', { follows: 'range', range: '>=2.1.0-beta <3' }, '4'],
    ['nothing fits', { follows: 'range', range: '^3' }, undefined],
  ])('%s', (_, policy, digest) => {
    expect(chooseVersion([...held, ...others], 'street', policy)?.digest).toBe(digest);
  });

  it('reads versions with one or two numbers', () => {
    expect(chooseVersion(others, 'plate', { follows: 'range', range: '>=8' })?.digest).toBe('p');
  });

  it('takes as latest the newest upload where no version is one of SemVer', () => {
    const odd = ['monday', 'friday'].map((version, n) => ({
      name: 'a',
      version,
      digest: version,
      uploadedMs: n,
    }));
    expect(chooseVersion(odd, 'a', { follows: 'latest' })?.digest).toBe('friday');
    expect(chooseVersion(odd, 'a', { follows: 'range', range: '*' })).toBeUndefined();
  });

  it.each<[VersionPolicy | undefined, boolean]>([
    [undefined, false],
    [{ follows: 'digest' }, false],
    [{ follows: 'latest' }, true],
    [{ follows: 'range', range: '^1' }, true],
    [{ follows: 'latest', pinned: true }, false],
    [{ follows: 'range', range: '^1', pinned: true }, false],
  ])('%j moves by itself: %s', (policy, moves) => {
    expect(isMoving(policy)).toBe(moves);
  });

  it.each<VersionPolicy>([
    { follows: 'range' },
    { follows: 'range', range: 'yesterday' },
    { follows: 'latest', range: '^1' },
    { follows: 'digest', range: '^1' },
  ])('that can never mean anything is refused: %j', (policy) => {
    expect(() => checkPolicy(policy)).toThrow(expect.objectContaining({ code: 'range-form' }));
  });
});
