import { describe, expect, it } from 'vitest';
import { Stretch } from '../../../../src/agent/clips/stretch.ts';

const s = (seconds: number) => BigInt(Math.round(seconds * 1e9));

describe('A stretch of a stream', () => {
  it.each([
    [100.04, false],
    [99.2, false],
    [109, false],
    [111, true],
    [97, true],
    [5, true],
  ])('that is at 100 s: a packet of %s s is of another one: %s', (at, leaps) => {
    const stretch = new Stretch();
    stretch.note(s(90));
    stretch.note(s(100));
    expect(stretch.leaps(s(at))).toBe(leaps);
  });

  it('holds frames that are decoded late, and none of another one', () => {
    const stretch = new Stretch();
    expect(stretch.holds(s(1))).toBe(false);
    for (const at of [50, 60, 70]) stretch.note(s(at));
    expect([49, 50, 66, 70, 71].map((at) => stretch.holds(s(at)))).toEqual([false, true, true, true, false]);
  });

  it('knows our clock by the newest frame', () => {
    const stretch = new Stretch();
    expect(stretch.wallNs(s(1))).toBeUndefined();
    stretch.synchronize(s(1), s(1000.9));
    stretch.synchronize(s(2), s(1001));
    expect(stretch.wallNs(s(1))).toBe(s(1000));
  });
});
