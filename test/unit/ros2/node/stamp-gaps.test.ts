import { describe, expect, it } from 'vitest';
import { StampGaps } from '../../../../src/ros2/index.ts';

const ms = 1_000_000;

/** What is missing after pictures at these times. */
function missing(timesMs: readonly number[]): number {
  const gaps = new StampGaps();
  for (const time of timesMs) gaps.add(BigInt(Math.round(time * ms)));
  return gaps.missing;
}

const steady = (count: number, periodMs: number) =>
  Array.from({ length: count }, (_, index) => index * periodMs);

/** Sleeps a period after each picture on a machine that is busy: an interval has any length above the period. */
function paused(count: number): readonly number[] {
  let time = 0;
  let seed = 3;
  return Array.from({ length: count }, () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    time += 33.3 + 60 * (seed / 2_147_483_648) ** 2;
    return time;
  });
}

describe('What the stamps say is missing', () => {
  it.each<[string, readonly number[], number]>([
    ['of a steady camera nothing', steady(300, 33.3), 0],
    [
      'of one that is up to a quarter of its period early or late nothing',
      steady(300, 40).map((time, index) => time + (index % 2) * 10),
      0,
    ],
    ['of the first pictures nothing: its period is not known', [0, 100, 400, 500], 0],
    ['one', steady(60, 33.3).filter((_, index) => index !== 40), 1],
    ['three together', steady(60, 33.3).filter((_, index) => index < 40 || index > 42), 3],
    [
      'of a pause of more than two seconds nothing',
      [...steady(30, 33.3), ...steady(30, 33.3).map((time) => time + 5000)],
      0,
    ],
    [
      'of one late picture that the next makes up for nothing',
      steady(60, 33.3).map((time, index) => (index === 40 ? time + 30 : time)),
      0,
    ],
    [
      'of a publisher that pauses between pictures as it gets to run nothing: 300 were sent and 300 came',
      paused(300),
      0,
    ],
    ['of a clock that goes back nothing', [...steady(30, 33.3), ...steady(30, 33.3)], 0],
  ])('%s', (_, times, expected) => {
    expect(missing(times)).toBe(expected);
  });

  it('is right within a tenth where two of three pictures are lost, by chance', () => {
    // A chance that is the same each time.
    let seed = 7;
    const next = () => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return seed / 2_147_483_648;
    };
    const all = steady(600, 33.3);
    const came = all.filter((_, index) => index < 40 || next() > 2 / 3);
    const lost = all.length - came.length;
    expect(Math.abs(missing(came) - lost) / lost).toBeLessThan(0.1);
  });
});
