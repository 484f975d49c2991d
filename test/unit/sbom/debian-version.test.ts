import { execFileSync, spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareDebianVersions } from '../../../src/sbom/debian-version.ts';

const noDpkg = spawnSync('dpkg', ['--version']).status === 0 ? '' : ' (skipped: dpkg is not installed)';
const dpkg = (a: string, relation: string, b: string) => {
  try {
    execFileSync('dpkg', ['--compare-versions', a, relation, b], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

describe('Versions of Debian', () => {
  it.each([
    ['1.0~rc1', '1.0'],
    ['1.0', '1.0-1'],
    ['1.9', '1.10'],
    ['9:1', '10:0'],
    ['1.0-1', '1.0-1+deb13u1'],
    ['1.0a', '1.0+'],
    ['0012', '13'],
  ])('%s is older than %s', (older, newer) => {
    expect(compareDebianVersions(older, newer)).toBeLessThan(0);
    expect(compareDebianVersions(newer, older)).toBeGreaterThan(0);
    expect(compareDebianVersions(older, older)).toBe(0);
  });

  it(`compare as dpkg compares them${noDpkg}`, { skip: noDpkg !== '' }, () => {
    const part = fc.stringMatching(/^[0-9][0-9a-c.+~]{0,4}$/);
    const version = fc
      .tuple(fc.constantFrom('', '1:'), part, fc.constantFrom('', '-1', '-1~', '-0a'))
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(version, version, (a, b) => {
        const order = compareDebianVersions(a, b);
        const relation = order < 0 ? 'lt' : order > 0 ? 'gt' : 'eq';
        expect(dpkg(a, relation, b), `${a} ${relation} ${b}`).toBe(true);
      }),
      { numRuns: 60 },
    );
  });
});
