import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { parsePast, rangeQuery } from '../../../src/cli/time-range.ts';

describe('A range of time at the command line', () => {
  const nowMs = Date.UTC(2026, 11, 2, 12);
  beforeEach(() => vi.useFakeTimers({ now: nowMs }));
  afterEach(() => vi.useRealTimers());

  it.each([
    ['30m', nowMs - 1_800_000],
    ['12h', nowMs - 43_200_000],
    ['7d', nowMs - 7 * 86_400_000],
    ['1.5h', nowMs - 5_400_000],
    ['2026-12-01', Date.UTC(2026, 11, 1)],
    ['2026-12-01T14:00', Date.UTC(2026, 11, 1, 14)],
    ['2026-12-01 14:00:05', Date.UTC(2026, 11, 1, 14, 0, 5)],
    ['2026-12-01T14:00:05.250Z', Date.UTC(2026, 11, 1, 14, 0, 5, 250)],
    ['2026-12-01T14:00+02:00', Date.UTC(2026, 11, 1, 12)],
    // Before 1970 nothing was recorded.
    ['99999d', 0],
  ])('reads %s', (text, timeMs) => {
    expect(parsePast(text)).toBe(timeMs);
  });

  it.each([
    '',
    'yesterday',
    '2026',
    '10',
    '-5m',
    '2026-13-01',
    '2026-02-31',
    '2026-02-31T10:00',
    '2026-12-01T25:00',
    '1969-01-01',
    '12:00',
  ])('says how to write a time for %j', (text) => {
    expect(() => parsePast(text)).toThrow('Write how long ago (30m, 12h, 7d) or a time in UTC');
  });

  it('is what the API takes, and refused where it is empty', () => {
    expect(rangeQuery({})).toEqual({});
    expect(rangeQuery({ since: 1, until: 2 })).toEqual({ from: 1, to: 2 });
    expect(() => rangeQuery({ since: 2, until: 2 })).toThrow('--since is not before --until.');
  });
});
