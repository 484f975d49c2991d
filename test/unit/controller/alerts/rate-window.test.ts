import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RateWindow } from '../../../../src/controller/alerts/rate-window.ts';

describe('The rate of a total over a window', () => {
  it('is unknown until the window was watched, then what it grew by in it', () => {
    const window = new RateWindow(60_000);
    const rates = [];
    for (let s = 0; s <= 180; s += 10) rates.push(window.take(s * 1000, s * 2));
    expect(rates.slice(0, 6)).toEqual(Array(6).fill(undefined));
    expect(rates.slice(6)).toEqual(Array(13).fill(2));
  });

  it('falls to zero once the window has no progress', () => {
    const window = new RateWindow(60_000);
    for (let s = 0; s <= 60; s += 5) window.take(s * 1000, s);
    expect(window.take(90_000, 60)).toBeCloseTo(0.5, 1);
    expect(window.take(125_000, 60)).toBe(0);
  });

  it('begins anew where a total got smaller', () => {
    const window = new RateWindow(60_000);
    window.take(0, 1000);
    expect(window.take(60_000, 10)).toBeUndefined();
    expect(window.take(120_000, 70)).toBe(1);
  });

  it('is never negative, and right to a step of the window, however often it is looked at', () => {
    const looks = fc.array(fc.record({ afterMs: fc.integer({ min: 1, max: 40_000 }) }), { minLength: 30 });
    fc.assert(
      fc.property(looks, (all) => {
        const window = new RateWindow(300_000);
        let nowMs = 0;
        for (const { afterMs } of all) {
          nowMs += afterMs;
          const rate = window.take(nowMs, nowMs / 100);
          if (rate !== undefined) expect(rate).toBeCloseTo(10, 6);
        }
      }),
      { seed: 7 },
    );
  });
});
