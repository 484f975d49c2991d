import { describe, expect, it } from 'vitest';
import { isStaleStamp } from '../../../../src/perception/source/stamp-age.ts';

const now = 1_795_988_402_012_000_000n;
const second = 1_000_000_000n;

describe('A stamp', () => {
  it.each<[string, bigint, boolean]>([
    ['of now', now, false],
    ['of a slow camera', now - 3n * second, false],
    ['just within the bound', now - 10n * second, false],
    ['older than that', now - 10n * second - 1n, true],
    ['of a bag from an hour ago', now - 3600n * second, true],
    ['of a driver without stamps', 0n, true],
    ['from before 1970', -5n * second, true],
    ['of a clock a little ahead', now + second, false],
    ['of a clock further ahead', now + second + 1n, true],
  ])('%s', (_, stampNs, stale) => {
    expect(isStaleStamp(stampNs, now)).toBe(stale);
  });

  it('of zero is stale for a clock that began at zero, too', () => {
    expect(isStaleStamp(0n, 0n)).toBe(true);
  });
});
