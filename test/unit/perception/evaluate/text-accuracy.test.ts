import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editDistance } from '../../../../src/perception/evaluate/text-accuracy.ts';
import { textAccuracy } from '../../../../src/perception/index.ts';

describe('The accuracy of a text reader', () => {
  it('counts lines without a mistake, and mistakes over the characters of the truth', () => {
    const pictures = [
      { truth: 'PLATFORM 9', said: 'PLATFORM 9' },
      { truth: 'exit', said: 'ex1t' },
      { truth: '出口', said: '出' },
      { truth: 'abcd', said: '' },
    ];
    expect(textAccuracy(pictures)).toEqual({ pictures: 4, wordAccuracy: 0.25, cer: 6 / 20 });
  });

  it('counts a character beyond 16 bits once, and zero for an empty text', () => {
    expect(textAccuracy([{ truth: '𝄞', said: '' }]).cer).toBe(1);
    expect(textAccuracy([])).toEqual({ pictures: 0, wordAccuracy: 0, cer: 0 });
  });

  it('is a distance', () => {
    const text = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 8 });
    fc.assert(
      fc.property(text, text, text, (a, b, c) => {
        expect(editDistance(a, b)).toBe(editDistance(b, a));
        expect(editDistance(a, b) === 0).toBe(a.join() === b.join());
        expect(editDistance(a, c)).toBeLessThanOrEqual(editDistance(a, b) + editDistance(b, c));
        expect(editDistance(a, b)).toBeGreaterThanOrEqual(Math.abs(a.length - b.length));
      }),
    );
  });
});
