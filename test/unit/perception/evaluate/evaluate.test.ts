import { describe, expect, it } from 'vitest';
import type { ScoredBox } from '../../../../src/perception/evaluate/evaluate.ts';
import { boxIou, evaluate, parseYoloLabels } from '../../../../src/perception/index.ts';

const box = (x1: number, y1: number, x2: number, y2: number) => ({ x1, y1, x2, y2 });
const truth = (classId: number, ...corners: [number, number, number, number]) => ({
  classId,
  box: box(...corners),
});
const found = (classId: number, score: number, ...corners: [number, number, number, number]): ScoredBox => ({
  classId,
  score,
  box: box(...corners),
});

describe('evaluate', () => {
  it('gives 1 when every object is found exactly', () => {
    const image = { truth: [truth(3, 0, 0, 10, 10)], detections: [found(3, 0.9, 0, 0, 10, 10)] };
    expect(evaluate([image])).toMatchObject({ map: 1, ap50: 1, ap75: 1, images: 1, truth: 1, detections: 1 });
  });

  it('gives 0 when nothing is found', () => {
    expect(evaluate([{ truth: [truth(0, 0, 0, 5, 5)], detections: [] }]).map).toBe(0);
  });

  it('reads precision at 101 recalls, made to fall', () => {
    // Two objects; hit, miss, hit: precision 1, 1/2, 2/3 at recall 1/2, 1/2, 1.
    // Recalls 0 to .50 (51 points) read 1, .51 to 1 (50 points) read 2/3.
    const image = {
      truth: [truth(0, 0, 0, 10, 10), truth(0, 20, 0, 30, 10)],
      detections: [found(0, 0.9, 0, 0, 10, 10), found(0, 0.8, 50, 50, 60, 60), found(0, 0.7, 20, 0, 30, 10)],
    };
    const expected = (51 + (50 * 2) / 3) / 101;
    expect(evaluate([image])).toMatchObject({
      map: expect.closeTo(expected, 10),
      ap50: expect.closeTo(expected, 10),
    });
  });

  it('counts a box of IoU 0.6 at the thresholds .50, .55 and .60 only', () => {
    const image = { truth: [truth(0, 0, 0, 10, 10)], detections: [found(0, 1, 0, 0, 10, 6)] };
    expect(evaluate([image])).toMatchObject({ map: expect.closeTo(0.3, 10), ap50: 1, ap75: 0 });
  });

  it('gives an object to one detection only: the second is wrong', () => {
    const image = {
      truth: [truth(0, 0, 0, 10, 10), truth(0, 40, 40, 50, 50)],
      detections: [found(0, 0.9, 0, 0, 10, 10), found(0, 0.8, 0, 0, 10, 10)],
    };
    expect(evaluate([image]).ap50).toBeCloseTo(51 / 101, 10);
  });

  it('lets the better detection choose its best object even when that is not the first', () => {
    const image = {
      truth: [truth(0, 0, 0, 10, 10), truth(0, 2, 0, 12, 10)],
      detections: [found(0, 0.9, 2, 0, 12, 10), found(0, 0.8, 0, 0, 10, 10)],
    };
    expect(evaluate([image]).map).toBe(1);
  });

  it('leaves out classes without ground truth but not their harm within a class', () => {
    const image = {
      truth: [truth(0, 0, 0, 10, 10), truth(1, 20, 20, 30, 30)],
      detections: [found(0, 0.9, 0, 0, 10, 10), found(7, 0.99, 0, 0, 10, 10)],
    };
    const result = evaluate([image]);
    expect(result.perClass.map(({ classId, ap }) => [classId, ap])).toEqual([
      [0, 1],
      [1, 0],
    ]);
    expect(result.map).toBe(0.5);
  });

  it('ranks detections over all images and keeps the best hundred of each image and class', () => {
    const noise = Array.from({ length: 150 }, (_, i) => found(0, 0.5 - i / 1000, 100, 100, 110, 110));
    const late = found(0, 0.01, 0, 0, 10, 10);
    const image = { truth: [truth(0, 0, 0, 10, 10)], detections: [...noise, late] };
    expect(evaluate([image]).map).toBe(0);
    expect(evaluate([image], 200).map).toBeGreaterThan(0);
    const two = [
      { truth: [truth(0, 0, 0, 10, 10)], detections: [found(0, 0.2, 0, 0, 10, 10)] },
      { truth: [], detections: [found(0, 0.9, 0, 0, 10, 10)] },
    ];
    expect(evaluate(two).ap50).toBeCloseTo(0.5, 10);
  });

  it('says when there is nothing to compare with', () => {
    expect(() => evaluate([{ truth: [], detections: [] }])).toThrow(/None of the 1 images has ground truth/);
  });
});

describe('boxIou', () => {
  it('is the shared part of the common area and 0 for boxes that touch or are empty', () => {
    expect(boxIou(box(0, 0, 10, 10), box(5, 0, 15, 10))).toBeCloseTo(1 / 3, 10);
    expect(boxIou(box(0, 0, 10, 10), box(10, 0, 20, 10))).toBe(0);
    expect(boxIou(box(5, 5, 5, 5), box(5, 5, 5, 5))).toBe(0);
  });
});

describe('parseYoloLabels', () => {
  it('turns centre and size into clipped pixels and reads an empty file as no objects', () => {
    expect(parseYoloLabels('2 0.5 0.5 0.5 0.25\r\n\n0 0 0 0.5 0.5\n', 100, 200, 'a.txt')).toEqual([
      { classId: 2, box: box(25, 75, 75, 125) },
      { classId: 0, box: box(0, 0, 25, 50) },
    ]);
    expect(parseYoloLabels('', 10, 10, 'a.txt')).toEqual([]);
  });

  it.each([
    ['0 0.5 0.5 0.5', /a\.txt, line 1.*class cx cy w h/],
    ['0 0.1 0.1 0.2 0.1 0.2 0.2', /is not "class/],
    ['car 0.5 0.5 0.5 0.5', /is not "class/],
    ['1.5 0.5 0.5 0.5 0.5', /is not "class/],
    ['0 320 200 50 50', /from 0 to 1/],
    ['80 0.5 0.5 0.1 0.1', /class 80, but the model has 80 labels/],
  ])('refuses the line "%s" with its place', (line, message) => {
    expect(() => parseYoloLabels(line, 100, 100, 'a.txt', 80)).toThrow(message);
  });
});
