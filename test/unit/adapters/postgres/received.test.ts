import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noteNumber, type Range } from '../../../../src/adapters/postgres/received.ts';

describe('the numbers of batches', () => {
  it('are exact, and as few ranges as there are gaps, in whatever order they come', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(30), { maxLength: 60 }), (numbers) => {
        const ranges: Range[] = [];
        const known = new Set<number>();
        for (const number of numbers) {
          expect(noteNumber(ranges, number)).toBe(!known.has(number));
          known.add(number);
        }
        const covered = ranges.flatMap(([first, last]) =>
          Array.from({ length: last - first + 1 }, (_, at) => first + at),
        );
        expect(covered).toEqual([...known].sort((a, b) => a - b));
        for (const [at, [first]] of ranges.entries())
          if (at > 0) expect(first).toBeGreaterThan((ranges[at - 1]?.[1] ?? 0) + 1);
      }),
    );
  });
});
