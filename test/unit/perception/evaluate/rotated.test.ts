import { describe, expect, it } from 'vitest';
import { polygonIou } from '../../../../src/perception/evaluate/polygon-iou.ts';
import { cornersOf, evaluate, parseYoloLabels } from '../../../../src/perception/index.ts';

const square = [0, 0, 4, 0, 4, 4, 0, 4];

describe('The overlap of two polygons', () => {
  it.each([
    ['is 1 with itself, whichever way its corners go', square, [0, 4, 4, 4, 4, 0, 0, 0], 1],
    ['is their common part', square, [2, 0, 6, 0, 6, 4, 2, 4], 8 / 24],
    [
      'is an octagon of a square and the same one turned by 45 degrees',
      square,
      turned(Math.PI / 4),
      Math.SQRT1_2,
    ],
    ['is 0 beside each other', square, [4, 0, 8, 0, 8, 4, 4, 4], 0],
    ['is 0 without an area', square, [1, 1, 1, 1, 1, 1, 1, 1], 0],
  ])('%s', (_what, a, b, overlap) => {
    expect(polygonIou(a, b)).toBeCloseTo(overlap, 4);
    expect(polygonIou(b, a)).toBeCloseTo(overlap, 4);
  });
});

function turned(angle: number): number[] {
  return cornersOf({ cx: 2, cy: 2, width: 4, height: 4, angle });
}

describe('The mAP of rotated boxes', () => {
  const labels = (angle: number) =>
    `0 ${cornersOf({ cx: 0.5, cy: 0.5, width: 0.6, height: 0.1, angle })
      .map((value) => value.toFixed(6))
      .join(' ')}`;
  const box = { x1: 0, y1: 0, x2: 100, y2: 100 };
  const map = (said: number) => {
    const corners = cornersOf({ cx: 50, cy: 50, width: 60, height: 10, angle: said });
    const truth = parseYoloLabels(labels(0.6), 100, 100, '0.txt', 1, 'corners');
    return evaluate([{ truth, detections: [{ classId: 0, score: 0.9, box, corners }] }]).map;
  };

  it('asks for the right angle', () => {
    expect(map(0.6)).toBeCloseTo(1);
    expect(map(0.6 + Math.PI)).toBeCloseTo(1);
    expect(map(0.6 + Math.PI / 2)).toBe(0);
  });

  it('refuses labels that are no four corners', () => {
    const read = () => parseYoloLabels('0 0.1 0.1 0.5 0.1 0.5 0.5', 100, 100, '0.txt', 1, 'corners');
    expect(read).toThrow(/is not "class x1 y1 x2 y2 x3 y3 x4 y4"/);
  });
});
