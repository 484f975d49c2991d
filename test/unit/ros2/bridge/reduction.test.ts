import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Allowance, ChangeWatch, FieldReducer, type Reduction } from '../../../../src/ros2/index.ts';

describe('A number of a field', () => {
  it.each<[Reduction, number]>([
    ['latest', 2],
    ['mean', 3],
    ['min', 1],
    ['max', 6],
  ])('is the %s of what came', (reduction, value) => {
    const reducer = new FieldReducer(reduction);
    for (const each of [1, 6, Number.NaN, 3, Number.POSITIVE_INFINITY, 2]) reducer.add(each);
    expect(reducer.take()).toBe(value);
    expect(reducer.take()).toBeUndefined();
    reducer.add(9);
    expect(reducer.take()).toBe(9);
  });

  it('lies between the least and the greatest, whatever came', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true, min: -1e9, max: 1e9 }), { minLength: 1 }), (values) => {
        const reduced = (['min', 'mean', 'latest', 'max'] as const).map((reduction) => {
          const reducer = new FieldReducer(reduction);
          for (const value of values) reducer.add(value);
          return reducer.take()!;
        });
        const [least = 0, mean = 0, latest = 0, most = 0] = reduced;
        const rounding = 1e-6 * Math.max(1, Math.abs(least), Math.abs(most));
        expect(least).toBe(Math.min(...values));
        expect(most).toBe(Math.max(...values));
        expect(latest).toBe(values.at(-1));
        const exact = values.reduce((sum, value) => sum + value, 0) / values.length;
        expect(Math.abs(mean - exact)).toBeLessThanOrEqual(rounding);
      }),
    );
  });
});

describe('A change', () => {
  const watch = (least = 0, everyMs = 1000) => new ChangeWatch({ least, everyMs });

  it('is told once, with what was before', () => {
    const changes = watch();
    changes.add('docked');
    expect(changes.take(0)).toEqual({ from: undefined, to: 'docked' });
    expect(changes.take(5000)).toBeUndefined();
    changes.add('driving');
    expect(changes.take(6000)).toEqual({ from: 'docked', to: 'driving' });
  });

  it('waits for its turn, and is none where the value is back by then', () => {
    const changes = watch();
    changes.add(true);
    changes.take(0);
    changes.add(false);
    expect(changes.take(500)).toBeUndefined();
    changes.add(true);
    expect(changes.take(1000)).toBeUndefined();
    changes.add(false);
    expect(changes.take(1001)).toEqual({ from: true, to: false });
  });

  it('of a number counts against what was told last, so that a slow one is seen too', () => {
    const changes = watch(1, 0);
    changes.add(0);
    changes.take(0);
    const told: number[] = [];
    for (let at = 1; at <= 30; at += 1) {
      changes.add(at / 10);
      const change = changes.take(at);
      if (change !== undefined) told.push(Number(change.to));
    }
    expect(told).toEqual([1, 2, 3]);
  });

  it('to what is no number is none', () => {
    const changes = watch();
    changes.add(Number.NaN);
    expect(changes.take(0)).toBeUndefined();
  });
});

describe('An allowance', () => {
  it('lets a period’s worth through at once, and then as many as come back', () => {
    const allowance = new Allowance(2, 1000);
    expect([0, 0, 0].map((at) => allowance.take(at))).toEqual([true, true, false]);
    expect(allowance.take(499)).toBe(false);
    expect(allowance.take(600)).toBe(true);
    expect([9999, 9999, 9999].map((at) => allowance.take(at))).toEqual([true, true, false]);
  });
});
