import { describe, expect, it } from 'vitest';
import { OutputCounts } from '../../../../src/drift/signals/output-counts.ts';

describe('Counts of boxes', () => {
  it('keep scores that lie outside in their end bins, leave NaN out, and fade', () => {
    const counts = new OutputCounts();
    for (const score of [0.5, 7, -3, Number.NaN])
      counts.addBox({ label: 'car', score }, { x: 0.5, y: 0.5, logArea: -3, logAspect: 0 });
    expect(counts.boxCount).toBe(3);
    expect([counts.scores[0], counts.scores[32], counts.scores[63]]).toEqual([1, 1, 1]);
    counts.fade(0.25, 1);
    expect(counts.boxCount).toBeCloseTo(0.75, 12);
    counts.clear();
    expect(counts.boxCount).toBe(0);
  });
});
