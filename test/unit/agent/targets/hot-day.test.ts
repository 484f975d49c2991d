import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LadderStep } from '../../../../src/agent/targets/steps.ts';
import { type Day, playDay } from '../../../bench/targets/hot-day.ts';

const cameras = {
  front: { fps: 30, targetFps: 15, maxLatencyMs: 120 },
  rear: { fps: 30, targetFps: 15, maxLatencyMs: 120 },
};
const steps: readonly LadderStep[] = [{ step: 'pace' }, { step: 'model', model: 'small' }];
const hottest: Day = {
  ...{ coolCelsius: 30, heatCelsius: 26, others: () => 0, cameras, detectorMs: 22, lighter: 0.55, steps },
};

describe('A simulated day', () => {
  it('of heat is at its target in more minutes with the ladder than without, and every step is undone at night', () => {
    const without = playDay({ ...hottest, steps: [] });
    const held = playDay(hottest);
    expect(without.minutesAtTarget / without.minutes).toBeLessThan(0.9);
    expect(held.minutesAtTarget / held.minutes).toBeGreaterThan(0.99);
    expect(held.throttledMinutes).toBeLessThan(without.throttledMinutes / 10);
    expect(held).toMatchObject({ levelAtEnd: 0 });
    expect(held.stepsDown).toBe(held.stepsUp);
    expect(held.stepsDown).toBeGreaterThan(0);
  });

  it('of cool air sees no step', () => {
    expect(playDay({ ...hottest, coolCelsius: 15, heatCelsius: 5 })).toMatchObject({
      ...{ stepsDown: 0, stepsUp: 0, minutesAtTarget: 1440 },
    });
  });

  it('of any heat and any load is at its target at least as long with the ladder, and steps rarely', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 15, max: 32 }),
        fc.integer({ min: 0, max: 28 }),
        fc.integer({ min: 14, max: 26 }),
        fc.integer({ min: 0, max: 50 }),
        fc.integer({ min: 300, max: 7200 }),
        (coolCelsius, heatCelsius, detectorMs, percent, period) => {
          const others = (second: number) => (second % period < period / 3 ? percent / 100 : 0);
          const day = { ...hottest, coolCelsius, heatCelsius, detectorMs, others };
          const without = playDay({ ...day, steps: [] });
          const held = playDay(day);
          // A step up that came too early costs a minute or two.
          expect(held.minutesAtTarget).toBeGreaterThanOrEqual(without.minutesAtTarget - 0.01 * 1440);
          expect(held.mostStepsInAnHour).toBeLessThanOrEqual(24);
        },
      ),
      { numRuns: 3 },
    );
  });
});
