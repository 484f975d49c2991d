import { expect, test } from 'vitest';
import { decideRetentionTime, medianOf } from '../../../../src/controller/history/retention-time.ts';

const hour = 3_600_000;
const day = 24 * hour;
const t0 = 1_790_000_000_000;
const minute = 60_000;

// trusted, elapsed, wall, devices -> state, now, trusted; all from t0
test.each([
  ['an empty database', undefined, 0, 0, undefined, 'steady', 0, 0],
  ['a minute later', 0, minute, minute, undefined, 'steady', minute, minute],
  ['a minute later, devices have wrong clocks', 0, minute, minute, -9 * day, 'steady', minute, minute],
  ['a year ahead, nobody was heard', 0, minute, 366 * day, undefined, 'held', minute, minute],
  ['a year ahead, devices disagree', 0, minute, 366 * day, minute, 'held', minute, minute],
  ['40 days ahead, devices agree', 0, 0, 40 * day, 40 * day, 'catching-up', day, day],
  ['two hours ahead, devices agree', 0, 0, 2 * hour, 2 * hour, 'steady', 2 * hour, 2 * hour],
  ['a day back, nobody was heard', 0, minute, -day, undefined, 'behind', -day, minute],
  ['a day back, devices agree', 0, minute, -day, -day, 'behind', -day, -day],
  ['back from a day back', minute, minute, 2 * minute, undefined, 'steady', 2 * minute, 2 * minute],
] as const)('%s', (_, trusted, elapsedMs, wall, devices, state, now, next) => {
  const at = (ms: number | undefined) => (ms === undefined ? undefined : t0 + ms);
  expect(
    decideRetentionTime({
      ...{ trustedMs: at(trusted), elapsedMs, wallMs: t0 + wall },
      devicesMs: at(devices),
    }),
  ).toEqual({ state, nowMs: t0 + now, trustedMs: t0 + next });
});

test('a few devices with wrong clocks do not move the middle', () => {
  expect(medianOf([])).toBeUndefined();
  expect(medianOf([t0, t0 + 366 * day, t0 + 1])).toBe(t0 + 1);
});
