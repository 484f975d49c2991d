import { describe, expect, it } from 'vitest';
import { parseDurationMs } from '../../../src/base/index.ts';

describe('A duration', () => {
  it.each([
    ['20s', 20_000],
    ['1.5m', 90_000],
    ['500ms', 500],
    ['2h', 7_200_000],
    ['7', 7000],
    [' 7s ', 7000],
  ])('%s is %d ms', (text, durationMs) => expect(parseDurationMs(text)).toBe(durationMs));

  it.each(['', '-3s', '0', '0s', '5 parsecs', 'NaN', '1e3', '5S'])('"%s" is none', (text) =>
    expect(parseDurationMs(text)).toBeUndefined(),
  );
});
