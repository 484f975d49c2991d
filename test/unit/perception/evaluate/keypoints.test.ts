import { describe, expect, it } from 'vitest';
import { keypointSimilarity } from '../../../../src/perception/evaluate/keypoint-similarity.ts';
import { type Detection, evaluate, parseYoloLabels } from '../../../../src/perception/index.ts';

const box = { x1: 0, y1: 0, x2: 100, y2: 100 };
const nose = Array.from({ length: 17 }, (_, i) => ({ x: 10 + i, y: 20, marked: i === 0 }));

describe('How like two poses are', () => {
  it('is 1 where every marked point is met, whatever the others are', () => {
    expect(keypointSimilarity(nose, box, [{ x: 10, y: 20 }])).toBe(1);
  });

  it('falls with the distance as COCO says', () => {
    // d = 5, s^2 = 5300, k = 2 x 0.026.
    const expected = Math.exp(-25 / (2 * 5300 * 0.052 ** 2));
    expect(keypointSimilarity(nose, box, [{ x: 15, y: 20 }])).toBeCloseTo(expected, 9);
  });

  it('counts a point that was not found as missed, and is 0 where none is marked', () => {
    const two = nose.map((point, i) => ({ ...point, marked: i < 2 }));
    expect(keypointSimilarity(two, box, [{ x: 10, y: 20 }])).toBe(0.5);
    const none = nose.map((point) => ({ ...point, marked: false }));
    expect(keypointSimilarity(none, box, [{ x: 10, y: 20 }])).toBe(0);
  });

  it('decides the average precision where truth has points, and boxes do where it has none', () => {
    const found = (x: number): Detection => ({
      ...{ classId: 0, label: 'person', score: 0.9 },
      box: { x1: 10, y1: 10, x2: 30, y2: 30 },
      keypoints: [
        { x, y: 20, score: 1 },
        { x: 25, y: 25, score: 1 },
      ],
    });
    const posed = parseYoloLabels('0 0.2 0.2 0.2 0.2 0.15 0.2 2 0.25 0.25 1', 100, 100, 'a.txt', 1, 'points');
    expect(posed[0]?.points).toEqual([
      { x: 15, y: 20, marked: true },
      { x: 25, y: 25, marked: true },
    ]);
    expect(evaluate([{ truth: posed, detections: [found(15)] }]).map).toBeGreaterThan(0.99);
    expect(evaluate([{ truth: posed, detections: [found(95)] }]).ap75).toBe(0);
    const boxed = parseYoloLabels('0 0.2 0.2 0.2 0.2', 100, 100, 'a.txt', 1, 'points');
    expect(evaluate([{ truth: boxed, detections: [found(95)] }]).map).toBeGreaterThan(0.99);
  });
});
