import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ExpectedLoss } from '../../../../src/drift/verdict/expected-loss.ts';
import type { Verdict } from '../../../../src/drift/verdict/verdict.ts';

const hazier: Verdict = { kind: 'scene-change', change: 'hazier' };

function seen(seconds: number, change: number): ExpectedLoss {
  const loss = new ExpectedLoss();
  for (let s = 0; s < seconds; s++) loss.add(true, change, 0.6);
  return loss;
}

describe('Expected loss', () => {
  const table: [what: string, seconds: number, change: number, grade: string][] = [
    ['confidence as it was is a notice', 30, 0, 'notice'],
    ['better confidence is a notice', 30, 0.1, 'notice'],
    ['a tenth of the confidence is an alarm', 30, -0.07, 'alarm'],
    ['half of that only when a minute says so', 30, -0.04, 'notice'],
    ['and then it is', 60, -0.04, 'alarm'],
    ['a quarter is not', 60, -0.018, 'notice'],
    ['a little less is believed only after a while', 10, -0.05, 'notice'],
    ['much less is believed at once', 2, -0.2, 'alarm'],
    ['one second says nothing', 1, -0.5, 'notice'],
    ['no boxes for eight seconds are an alarm: nobody can tell', 8, Number.NaN, 'alarm'],
    ['no boxes for a moment are not', 5, Number.NaN, 'notice'],
  ];
  for (const [what, seconds, change, grade] of table)
    it(what, () => expect(seen(seconds, change).gradeOf(hazier)).toBe(grade));

  it('is an alarm at once for a model that got worse', () =>
    expect(new ExpectedLoss().gradeOf({ kind: 'model-regression' })).toBe('alarm'));

  it('is a notice, however long, where nothing is found because nobody is there', () => {
    const emptier: Verdict = { kind: 'scene-change', change: 'emptier' };
    expect(seen(60, Number.NaN).gradeOf(emptier)).toBe('notice');
    // What is left there, signs and parked cars, is still looked at.
    expect(seen(60, -0.3).gradeOf(emptier)).toBe('alarm');
  });

  it('begins anew when there was no sign for three seconds', () => {
    const loss = seen(30, -0.3);
    for (let s = 0; s < 2; s++) loss.add(false, 0, 0.6);
    expect(loss.value).toBeGreaterThan(0.5);
    loss.add(false, 0, 0.6);
    expect(loss.value).toBeUndefined();
  });

  it('stays between 0 and 1 for any numbers', () => {
    const second = fc.tuple(fc.boolean(), fc.double(), fc.double());
    fc.assert(
      fc.property(fc.array(second, { maxLength: 100 }), (seconds) => {
        const loss = new ExpectedLoss();
        for (const [sign, change, usual] of seconds) loss.add(sign, change, usual);
        const { value } = loss;
        if (value !== undefined) expect(value >= 0 && value <= 1).toBe(true);
      }),
    );
  });
});
