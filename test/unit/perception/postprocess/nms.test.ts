import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Candidates } from '../../../../src/perception/decode/index.ts';
import { boxIou } from '../../../../src/perception/index.ts';
import { nms } from '../../../../src/perception/postprocess/nms.ts';

interface Plain {
  readonly classId: number;
  readonly score: number;
  readonly box: { readonly x1: number; readonly y1: number; readonly x2: number; readonly y2: number };
}

/** By the definition: take the best that is left, drop what overlaps it. */
function naive(boxes: readonly Plain[], threshold: number, limit: number): number[] {
  let left = boxes.map((_, i) => i);
  const kept: number[] = [];
  while (left.length > 0 && kept.length < limit) {
    const best = left.reduce((a, b) => (boxes[b]!.score > boxes[a]!.score ? b : a));
    kept.push(best);
    left = left.filter(
      (i) =>
        i !== best &&
        (boxes[i]!.classId !== boxes[best]!.classId ||
          !(boxIou(boxes[i]!.box, boxes[best]!.box) > threshold)),
    );
  }
  return kept;
}

const boxes = fc.array(
  fc
    .record({
      classId: fc.integer({ min: 0, max: 2 }),
      // Few values, so that ties are common.
      score: fc.integer({ min: 0, max: 8 }).map((v) => v / 8),
      x: fc.integer({ min: 0, max: 20 }),
      y: fc.integer({ min: 0, max: 20 }),
      w: fc.integer({ min: 1, max: 12 }),
      h: fc.integer({ min: 1, max: 12 }),
    })
    .map(
      ({ classId, score, x, y, w, h }): Plain => ({
        classId,
        score,
        box: { x1: x, y1: y, x2: x + w, y2: y + h },
      }),
    ),
  { maxLength: 80 },
);

function candidates(list: readonly Plain[]): Candidates {
  const into = new Candidates();
  for (const { classId, score, box } of list) into.add(classId, score, box.x1, box.y1, box.x2, box.y2);
  return into;
}

describe('nms', () => {
  it('keeps what the definition keeps, in the same order', () => {
    fc.assert(
      fc.property(
        boxes,
        fc.constantFrom(0, 0.25, 0.5, 0.65, 1),
        fc.integer({ min: 1, max: 100 }),
        (list, threshold, limit) => {
          expect(nms(candidates(list), threshold, limit)).toEqual(naive(list, threshold, limit));
        },
      ),
      { numRuns: 300, seed: 1 },
    );
  });

  it('keeps two boxes whose overlap is exactly the threshold', () => {
    // 10x10 and its half: IoU 0.5.
    const into = new Candidates();
    into.add(0, 0.9, 0, 0, 10, 10);
    into.add(0, 0.8, 0, 0, 10, 5);
    expect(nms(into, 0.5, 10)).toEqual([0, 1]);
    expect(nms(into, 0.49, 10)).toEqual([0]);
  });

  it('sorts minus zero like zero', () => {
    const into = new Candidates();
    into.add(0, -0, 0, 0, 1, 1);
    into.add(0, 0, 5, 5, 6, 6);
    into.add(0, 1, 9, 9, 10, 10);
    expect(nms(into, 0.5, 10)).toEqual([2, 0, 1]);
  });
});
