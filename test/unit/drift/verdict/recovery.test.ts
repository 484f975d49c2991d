import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../../src/drift/random.ts';
import { Recovery } from '../../../../src/drift/verdict/recovery.ts';

/** Seconds from the end of a fault of so many deviations to the word that it is over; undefined: not said in ten minutes. */
function secondsToOver(level: number, { ends = true, spread = 1 } = {}): number | undefined {
  const random = seededRandom(3);
  const recovery = new Recovery();
  const crossing = [{ signal: 0, direction: 1 as const }];
  for (let second = 0; second < 60; second++)
    if (recovery.tick(crossing, [level + spread * random.normal()])) return Number.NaN;
  for (let second = 1; second <= 600; second++)
    if (recovery.tick(crossing, [(ends ? 0 : level) + spread * random.normal()])) return second;
  return undefined;
}

describe('The end of an incident', () => {
  it.each([12, 6, 3])('is seen within 15 s of a fault of %d deviations', (level) => {
    expect(secondsToOver(level)).toBeLessThanOrEqual(15);
  });

  it('takes some seconds, whatever it was', () => {
    for (const level of [1.5, 6, 12]) expect(secondsToOver(level)).toBeGreaterThanOrEqual(5);
  });

  it.each([12, 6, 3])('is not seen while the fault of %d deviations goes on', (level) => {
    expect(secondsToOver(level, { ends: false })).toBeUndefined();
  });

  it('is not judged by signals that say nothing', () => {
    const recovery = new Recovery();
    const crossing = [{ signal: 0, direction: -1 as const }];
    for (let second = 0; second < 30; second++) recovery.tick(crossing, [-8]);
    for (let second = 0; second < 60; second++) expect(recovery.tick([], [Number.NaN])).toBe(false);
  });
});
