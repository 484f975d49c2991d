import { describe, expect, it } from 'vitest';
import { AgreementTally, compareDetections } from '../../../../src/perception/pipeline/agreement.ts';
import { car } from '../fakes.ts';

const other = (x: number) => car(x, { label: 'truck', score: 0.6 });

describe('how far two models agree', () => {
  it.each([
    ['nothing on both sides', [], [], [0, 0]],
    ['the same', [car(0), car(100)], [car(100), car(0)], [2, 0]],
    ['one moved by less than half', [car(0)], [car(5)], [1, 0]],
    ['one moved by more than half', [car(0)], [car(12)], [0, 0]],
    ['another label at the same place', [car(0)], [other(0)], [1, 1]],
    ['two boxes on one: it is matched once, by the nearer', [car(0)], [car(3), car(0)], [1, 0]],
  ])('counts %s', (_, serve, shadow, [matched, flips]) => {
    expect(compareDetections(serve, shadow)).toMatchObject({ matched, flips });
  });

  it('adds up to precision, recall and the distance of scores', () => {
    const tally = new AgreementTally('detect');
    expect(tally.value).toMatchObject({ precision: 1, recall: 1, frames: 0 });
    expect(tally.add(compareDetections([car(0)], [car(0, { score: 0.8 })]))).toBe(false);
    expect(tally.add(compareDetections([car(0), car(100)], [other(0)]))).toBe(true);
    const { scoreDifference, ...value } = tally.value;
    expect(scoreDifference).toBeCloseTo(-0.1);
    expect(value).toMatchObject({
      ...{
        against: 'detect',
        frames: 2,
        disagreements: 1,
        serveBoxes: 3,
        shadowBoxes: 2,
        matched: 2,
        classFlips: 1,
      },
      precision: 1 / 2,
      recall: 1 / 3,
    });
    tally.reset();
    expect(tally.value).toMatchObject({ frames: 0, matched: 0 });
  });
});
