import { describe, expect, it } from 'vitest';
import type { Block } from '../../../../src/optimize/prune/blocks.ts';
import { solveRidge } from '../../../../src/optimize/prune/least-squares.ts';
import { polynomialSchedule, selectUnits } from '../../../../src/optimize/prune/select.ts';
import { seeded } from '../graphs.ts';

const block = (from: number, count: number, reason?: string): Block => ({
  name: `b${from}`,
  units: Array.from({ length: count }, (_, i) => from + i),
  reason,
});
const rising = (count: number) => new Map(Array.from({ length: count }, (_, i) => [i, i + 1]));
const options = { ratio: 0.5, scope: 'layer', multiple: 8, maxPerLayer: 0.8 } as const;

describe('the choice of channels', () => {
  it('takes the least important, and keeps multiples of 8', () => {
    const gone = selectUnits([block(0, 40)], rising(40), options);
    expect(gone.size % 8).toBe(0);
    expect(Math.max(...gone)).toBe(gone.size - 1);
  });

  it('never takes what has a reason to stay, nor the last 8 of a layer', () => {
    expect(selectUnits([block(0, 64, 'an output')], rising(64), options).size).toBe(0);
    expect(selectUnits([block(0, 64)], rising(64), { ...options, ratio: 0.99 }).size).toBe(56);
    expect(selectUnits([block(0, 6)], rising(6), options).size).toBe(0);
  });

  it.each([1, 1.5, -0.1, Number.NaN])('refuses a ratio of %d', (ratio) => {
    expect(() => selectUnits([block(0, 64)], rising(64), { ...options, ratio })).toThrow(/no channel/);
  });

  it('rises along a polynomial to the ratio', () => {
    const schedule = polynomialSchedule(0.6, 4);
    expect(schedule[3]).toBeCloseTo(0.6, 10);
    const steps = schedule.map((ratio, i) => ratio - (schedule[i - 1] ?? 0));
    expect(steps.every((step, i) => i === 0 || step < (steps[i - 1] ?? 0))).toBe(true);
  });
});

describe('least squares', () => {
  it('finds the matrix that made the data', () => {
    const random = seeded(9);
    const [n, m, rows] = [12, 3, 200];
    const truth = Float64Array.from({ length: n * m }, () => random());
    const x = Float64Array.from({ length: rows * n }, () => random());
    const g = new Float64Array(n * n);
    const r = new Float64Array(n * m);
    for (let row = 0; row < rows; row += 1) {
      for (let i = 0; i < n; i += 1) {
        const xi = x[row * n + i]!;
        for (let j = 0; j < n; j += 1) g[i * n + j]! += xi * x[row * n + j]!;
        for (let c = 0; c < m; c += 1) {
          let y = 0;
          for (let k = 0; k < n; k += 1) y += x[row * n + k]! * truth[k * m + c]!;
          r[i * m + c]! += xi * y;
        }
      }
    }
    expect(solveRidge(g, r, n, m, 1e-9)).toBe(true);
    r.forEach((value, i) => {
      expect(value).toBeCloseTo(truth[i]!, 5);
    });
  });
});
