import { describe, expect, it } from 'vitest';
import { type Candidate, judge, measure, quantile, ratios } from './measure.ts';

/** Gives the times of its rounds, the first of which warms up. */
function played(name: string, ours: boolean, rounds: readonly number[][]): Candidate {
  let round = 0;
  return { name, ours, run: async () => [...(rounds[round++] ?? [])] };
}

describe('The measure of the bench', () => {
  it('compares the fastest runs of each round, so that interrupted runs do not decide', async () => {
    const report = await measure(
      {
        name: 'stage',
        iterations: 3,
        candidates: [
          played('a', true, [[99], [1, 1, 9], [2, 7, 7], [1, 1, 1]]),
          played('b', false, [[99], [2, 50, 50], [4, 90, 90], [4, 4, 4]]),
        ],
        bounds: [{ ours: 'a', peer: 'b', atMost: 0.4 }],
      },
      3,
      () => {},
    );
    expect(report.verdicts).toEqual([
      { what: 'a / b', value: 0.5, unit: 'x', sense: 'at most', bound: 0.4, met: false, spread: [0.25, 0.5] },
    ]);
    expect(report.rows[0]?.values).toMatchObject({ fastestMs: 1, p99Ms: 9 });
  });

  it('turns the ratio round where a bound says how much faster', async () => {
    const report = await measure(
      {
        name: 'stage',
        iterations: 1,
        candidates: [played('a', true, [[9], [1], [2]]), played('b', false, [[9], [8], [18]])],
        bounds: [{ ours: 'a', peer: 'b', timesFaster: 8.5 }],
      },
      2,
      () => {},
    );
    expect(report.verdicts).toEqual([
      { what: 'b / a', value: 9, unit: 'x', sense: 'at least', bound: 8.5, met: true, spread: [8, 9] },
    ]);
  });

  it('marks what is only compared, and judges it all the same', async () => {
    const candidates = [played('a', true, [[1], [2]]), played('b', false, [[1], [1]])];
    const bounds = [{ ours: 'a', peer: 'b', atMost: 1, comparison: true as const }];
    const report = await measure({ name: 'stage', iterations: 1, candidates, bounds }, 1, () => {});
    expect(report.verdicts).toMatchObject([{ met: false, comparison: true }]);
  });

  it('leaves a bound out whose peer is absent, instead of calling it met', async () => {
    const candidates = [played('a', true, [[1], [1]])];
    const bounds = [{ ours: 'a', peer: 'absent', atMost: 1 }];
    const report = await measure({ name: 'stage', iterations: 1, candidates, bounds }, 1, () => {});
    expect(report.verdicts).toEqual([]);
  });

  it('calls a bound missed when there is no number', () => {
    expect(judge('x', [Number.NaN], 'at most', 1).met).toBe(false);
    expect(judge('x', ratios([1], []), 'at least', 1).met).toBe(false);
    expect(judge('x', [], 'at least', 1).met).toBe(false);
  });

  it('turns the sense round for what should be large', () => {
    expect(judge('frames', [1.06], 'at least', 1.05).met).toBe(true);
    expect(judge('frames', [1.04], 'at least', 1.05).met).toBe(false);
    expect(quantile([3, 1, 2], 0.5)).toBe(2);
  });
});
