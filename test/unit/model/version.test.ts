import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseVersion, compareVersions, parseVersionPolicy } from '../../../src/model/version.ts';

const version = fc
  .tuple(
    fc.nat(20),
    fc.nat(20),
    fc.nat(20),
    fc.constantFrom('', '-alpha', '-alpha.1', '-alpha.beta', '-rc.2', '+build'),
  )
  .map(([a, b, c, rest]) => `${a}.${b}.${c}${rest}`);

describe('Versions of a model', () => {
  it('are ordered as in clause 11.4 of SemVer', () => {
    const sorted = [
      '1.0.0-alpha',
      '1.0.0-alpha.1',
      '1.0.0-alpha.beta',
      '1.0.0-beta',
      '1.0.0-beta.2',
      '1.0.0-beta.11',
      '1.0.0-rc.1',
      '1.0.0',
    ];
    expect([...sorted].reverse().sort(compareVersions)).toEqual(sorted);
    expect(compareVersions('1.10.0', '1.9.9')).toBeGreaterThan(0);
    expect(compareVersions('1.2', '1.2.0')).toBe(0);
    expect(compareVersions('1.0.0+a', '1.0.0+b')).toBe(0);
    expect(compareVersions('2026.11.24', '2026.9.1')).toBeGreaterThan(0);
  });

  it('have an order without contradictions', () => {
    fc.assert(
      fc.property(version, version, version, (a, b, c) => {
        expect(Math.sign(compareVersions(a, b))).toBe(-Math.sign(compareVersions(b, a)) + 0);
        if (compareVersions(a, b) <= 0 && compareVersions(b, c) <= 0) {
          expect(compareVersions(a, c)).toBeLessThanOrEqual(0);
        }
      }),
    );
  });

  it.each([
    ['latest', '1.2.0'],
    ['latest-pre', '2.0.0-rc.1'],
    ['1.1.0', '1.1.0'],
    ['>=1.1.5', '2.0.0-rc.1'],
    ['3.0.0', undefined],
  ])('are chosen by the policy %s', (policy, expected) => {
    const available = ['1.0.0', '1.2.0', '2.0.0-rc.1', '1.1.0'];
    expect(chooseVersion(parseVersionPolicy(policy), available)).toBe(expected);
  });

  it('refuse a policy that nobody knows', () => {
    expect(() => parseVersionPolicy('~1.2')).toThrow(/not a version policy/);
  });
});
