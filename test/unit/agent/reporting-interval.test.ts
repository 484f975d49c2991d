import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { announcedSeconds } from '../../../src/agent/reporting-interval.ts';
import { mostReportSeconds } from '../../../src/protocol/index.ts';

describe('What a device announces of how often it reports', () => {
  it.each<[string, number, number, number | undefined, number]>([
    ['is what was set where nothing stretches it', 10, 10, undefined, 10],
    ['is what was set, also where that is long', 300, 300, undefined, 300],
    ['is the next doubling of it', 10, 70, undefined, 80],
    ['stays while the need creeps up to it', 10, 75, 80, 80],
    ['stays while the need is not much less', 10, 25, 80, 80],
    ['goes down when much less is needed', 10, 20, 80, 20],
    ['goes up when more is needed', 10, 81, 80, 160],
    ['is an hour at most', 300, 300 * 60, undefined, 3600],
    ['is an hour where that was set', 3600, 3600, undefined, 3600],
  ])('%s', (_, every, needed, before, expected) => {
    expect(announcedSeconds(every * 1000, needed * 1000, before)).toBe(expected);
  });

  it('is never less than is needed, within the hour, and changes seldom', () => {
    const needs = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3600 }), needs, (every, stretches) => {
        let before: number | undefined;
        let changes = 0;
        for (const stretch of stretches.sort((a, b) => a - b)) {
          const announced = announcedSeconds(every * 1000, every * 1000 * stretch, before);
          expect(announced).toBeGreaterThanOrEqual(Math.min(mostReportSeconds, every * stretch));
          expect(announced).toBeLessThanOrEqual(mostReportSeconds);
          if (announced !== before) changes += 1;
          before = announced;
        }
        expect(changes).toBeLessThanOrEqual(8);
      }),
    );
  });
});
