import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteBudget, type SentKind, sentKinds } from '../../../../src/agent/budget/byte-budget.ts';
import { DaySum, readKeptDay } from '../../../../src/agent/budget/day-sum.ts';

const hour = 3_600_000;
const day = 24 * hour;

describe('A budget of bytes', () => {
  it('is a cap over any 24 hours, whatever is sent and when', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            kind: fc.constantFrom(...sentKinds),
            bytes: fc.integer({ min: 0, max: 40_000 }),
            waitMs: fc.integer({ min: 0, max: 3 * hour }),
            restart: fc.boolean(),
          }),
          { maxLength: 120 },
        ),
        (messages) => {
          let nowMs = 0;
          let budget = new ByteBudget(100_000, 0);
          const sent: { atMs: number; bytes: number }[] = [];
          for (const { kind, bytes, waitMs, restart } of messages) {
            nowMs += waitMs;
            if (restart) budget = new ByteBudget(100_000, nowMs, budget.keep(nowMs, nowMs), nowMs);
            if (budget.take(kind, bytes, nowMs)) sent.push({ atMs: nowMs, bytes });
            const lastDay = sent.filter(({ atMs }) => atMs > nowMs - day);
            expect(lastDay.reduce((sum, one) => sum + one.bytes, 0)).toBeLessThanOrEqual(100_000);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('refuses previews first, then frames, metrics, events, and the state of the device last', () => {
    const budget = new ByteBudget(100_000, 0);
    const order: SentKind[] = [];
    for (let i = 0; i < 1000; i++)
      for (const kind of sentKinds) if (!order.includes(kind) && !budget.take(kind, 80, i)) order.push(kind);
    expect(order).toEqual(['preview', 'result', 'telemetry', 'frame', 'metrics', 'event', 'state']);
    expect(budget.totals().find(({ kind }) => kind === 'preview')?.refused).toBe(1);
  });

  it('makes metrics rarer before it refuses one, and lets them last the day', () => {
    const budget = new ByteBudget(1_000_000, 0);
    let made = 0;
    let refused = 0;
    for (let nowMs = 0; nowMs < 2 * day; nowMs += 10_000) {
      if (!budget.metricsDue(10_000, nowMs)) continue;
      made += 1;
      if (!budget.take('metrics', 500, nowMs)) refused += 1;
    }
    // 8,640 batches a day of 620 bytes would be 5.4 MB: one in six or so fits.
    expect(refused).toBe(0);
    expect(made).toBeGreaterThan(2 * 1200);
    expect(made).toBeLessThan(2 * 1500);
  });

  it('without a cap counts, and refuses and stretches nothing', () => {
    const budget = new ByteBudget(Number.POSITIVE_INFINITY, 0);
    for (let i = 0; i < 10; i++) expect(budget.take('preview', 1e9, i)).toBe(true);
    expect(budget.stretch(10_000, 10)).toBe(1);
    expect(budget.usedBytes(10)).toBe(10 * (1e9 + 120));
  });

  it('has its room again as hours pass', () => {
    const budget = new ByteBudget(10_000, 0);
    expect(budget.take('state', 9_800, 0)).toBe(true);
    expect(budget.take('event', 100, 20 * hour)).toBe(false);
    expect(budget.take('event', 100, 25 * hour)).toBe(true);
  });
});

describe('The sum of a day', () => {
  it('goes on after a restart by the wall clock, and forgets nothing for a clock that went back', () => {
    const before = new DaySum(0);
    before.add(5, 0);
    before.add(7, 2 * hour);
    const kept = before.keep(1_000 * hour, 2 * hour);
    expect(new DaySum(0, kept, 1_000 * hour).total(0)).toBe(12);
    expect(new DaySum(0, kept, 1_023 * hour).total(0)).toBe(7);
    expect(new DaySum(0, kept, 1_100 * hour).total(0)).toBe(0);
    expect(new DaySum(0, kept, 0).total(0)).toBe(12);
  });

  it.each([
    [undefined],
    [{}],
    [{ wallMs: 1, hours: 'x' }],
    [{ wallMs: 1, hours: [-1] }],
    [{ wallMs: 1, hours: new Array(99).fill(0) }],
  ])('reads nothing from %j', (value) => {
    expect(readKeptDay(value)).toBeUndefined();
  });
});
