import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Block, blockTicks } from '../../../../src/drift/profile/block.ts';
import { UsualMinutes } from '../../../../src/drift/profile/usual-minutes.ts';
import { baseCount } from '../../../../src/drift/signals/catalogue.ts';

const silent = { classes: new Map<string, number>(), scores: { count: 0, sum: 0, squares: 0 } };

/** A minute whose signal 0 has the values, again and again; the others say nothing. */
function minute(...values: number[]): Block {
  const base = new Float32Array(blockTicks * baseCount).fill(Number.NaN);
  for (let tick = 0; tick < blockTicks; tick++) base[tick * baseCount] = values[tick % values.length]!;
  return { minute: 0, base, embeddings: [], objects: new Array(blockTicks).fill(silent) };
}

function minutesOf(...blocks: Block[]): UsualMinutes {
  const minutes = new UsualMinutes();
  for (const block of blocks) minutes.add(block);
  return minutes;
}

describe('What all minutes were like', () => {
  it('has the mean and the deviation of all seconds, whatever they are and in whatever pieces they came', () => {
    const value = fc.float({ min: -100, max: 100, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.tuple(value, value), { minLength: 1, maxLength: 20 }), (pairs) => {
        const minutes = minutesOf(...pairs.map(([a, b]) => minute(a, b)));
        const seconds = pairs.flatMap((pair) =>
          new Array<readonly number[]>(blockTicks / 2).fill(pair).flat(),
        );
        const mean = seconds.reduce((sum, x) => sum + x, 0) / seconds.length;
        const variance = seconds.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (seconds.length - 1);
        const moments = minutes.momentsOf(0)!;
        expect(moments.mean).toBeCloseTo(mean, 3);
        expect(moments.deviation).toBeCloseTo(Math.sqrt(variance), 3);
      }),
    );
  });

  it('remembers the highest and the lowest minutes, and which one in fifty goes beyond', () => {
    const blocks = Array.from({ length: 200 }, (_, i) => minute((i * 37) % 200));
    const minutes = minutesOf(...blocks);
    expect(minutes.extreme(0, 1, 200)).toBe(195);
    expect(minutes.extreme(0, -1, 200)).toBe(4);
    expect(minutesOf(minute(3), minute(1)).extreme(0, 1, 2)).toBe(3);
    expect(minutes.extreme(1, 1, 200)).toBeNaN();
  });

  it('takes no minute for one that hardly said anything', () => {
    const sparse = minute(Number.NaN);
    sparse.base[0] = 50;
    const minutes = minutesOf(minute(1), sparse);
    expect(minutes.extreme(0, 1, 2)).toBe(1);
    expect(minutes.momentsOf(1)).toBeUndefined();
  });

  it('leans on its neighbours as much as it is told', () => {
    const own = minutesOf(minute(0), minute(0));
    const leaning = own.leaning([minutesOf(minute(3))], 0.5);
    expect(leaning.momentsOf(0)!.mean).toBeCloseTo((0 * 120 + 3 * 30) / 150, 6);
    expect(own.momentsOf(0)!.mean).toBe(0);
    expect(leaning.extreme(0, 1, 2)).toBe(0);
  });

  it('knows that minutes which follow each other say less', () => {
    const steady = minutesOf(...Array.from({ length: 100 }, (_, i) => minute(Math.sin(i / 12))));
    const jumping = minutesOf(...Array.from({ length: 100 }, (_, i) => minute((i * 37) % 100)));
    expect(steady.independentMinutes(0)).toBeLessThan(20);
    expect(jumping.independentMinutes(0)).toBeGreaterThan(60);
    expect(minutesOf(minute(1), minute(1)).independentMinutes(0)).toBe(2);
    expect(new UsualMinutes().independentMinutes(0)).toBe(0);
  });

  it('is the same after it was kept', () => {
    const minutes = minutesOf(minute(1, 4), minute(2));
    expect(UsualMinutes.resume(minutes.state()).state()).toEqual(minutes.state());
  });
});
