import { describe, expect, it } from 'vitest';
import { budgetsFrom, mapBudgetFrom } from '../../../src/model/index.ts';

describe('A budget of what was measured', () => {
  it.each([
    ['a street model', 8, 40e6, { p95LatencyMs: 30, memoryBytes: 124e6 }],
    ['a tiny one, for which the machine is what counts', 0.2, 0, { p95LatencyMs: 11, memoryBytes: 64e6 }],
    ['one that seems to have freed memory', 5, -30e6, { p95LatencyMs: 23, memoryBytes: 64e6 }],
    ['a large one', 120.4, 1.25e9, { p95LatencyMs: 311, memoryBytes: 1939e6 }],
  ])('leaves room for another machine of its class: %s', (_, p95LatencyMs, memoryBytes, budgets) => {
    expect(budgetsFrom({ p95LatencyMs, memoryBytes })).toEqual(budgets);
  });

  it('is one that the machine itself keeps, twice over', () => {
    for (const p95LatencyMs of [0.1, 1, 17.3, 400])
      expect(budgetsFrom({ p95LatencyMs, memoryBytes: 1 }).p95LatencyMs).toBeGreaterThanOrEqual(
        2 * p95LatencyMs,
      );
  });

  it.each([
    [0.5, 0.475],
    [0.4449, 0.422],
    [0, 0],
    [1, 0.95],
  ])('keeps 95 %% of an mAP of %d, rounded down: %d', (measured, least) => {
    expect(mapBudgetFrom(measured)).toBe(least);
  });
});
