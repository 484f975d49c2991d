import { describe, expect, it } from 'vitest';
import { averagePrecisions, matchClass } from '../../../../src/perception/evaluate/evaluate.ts';
import {
  type EvaluatedImage,
  evaluate,
  isClearlyMore,
  resampledMaps,
} from '../../../../src/perception/index.ts';

const box = { x1: 0, y1: 0, x2: 10, y2: 10 };
const missed = { x1: 50, y1: 50, x2: 60, y2: 60 };

/** An image of one object; it is found or a place beside it is, with this score. */
function image(hit: boolean, score: number, classId = 0): EvaluatedImage {
  return { truth: [{ classId, box }], detections: [{ classId, score, box: hit ? box : missed }] };
}

const images = Array.from({ length: 60 }, (_, i) => image(i % 3 !== 0, 0.3 + ((i * 7) % 60) / 100));

describe('mAP on pictures that are drawn anew', () => {
  it('lies around the measured one, and is the same in every run', () => {
    const maps = resampledMaps(images, 200);
    const { map } = evaluate(images);
    const mean = maps.reduce((sum, value) => sum + value, 0) / maps.length;
    expect(Math.abs(mean - map)).toBeLessThan(0.03);
    expect(Math.min(...maps)).toBeLessThan(map - 0.05);
    expect(Math.max(...maps)).toBeGreaterThan(map + 0.05);
    expect(resampledMaps(images, 200)).toEqual(maps);
  });

  it('is drawn alike for two models, so that their difference varies less than they do', () => {
    const [one, other] = [images, images.map((item, i) => (i === 5 ? image(false, 0.9) : item))].map((set) =>
      resampledMaps(set, 200),
    );
    const spread = (values: readonly number[]) => Math.max(...values) - Math.min(...values);
    const losses = one!.map((value, draw) => value - other![draw]!);
    expect(spread(losses)).toBeLessThan(spread(one!) / 2);
  });

  it('counts an image that is drawn twice twice, as if it were there twice', () => {
    const few = [image(true, 0.9), image(false, 0.8), image(true, 0.7)];
    const twice = [few[0]!, few[1]!, few[1]!, few[2]!];
    const [weighted = 0] = averagePrecisions(matchClass(few, 0, 100), [1, 2, 1]);
    const [repeated = 0] = averagePrecisions(matchClass(twice, 0, 100));
    expect(weighted).toBeCloseTo(repeated, 10);
  });

  it('leaves out a class that a draw has no object of', () => {
    const rare = [image(true, 0.9, 1), ...images];
    for (const map of resampledMaps(rare, 50)) expect(map).toBeGreaterThan(0);
    const without = rare.map((_, i) => Number(i > 0));
    expect(averagePrecisions(matchClass(rare, 1, 100), without)).toEqual(new Array(10).fill(Number.NaN));
    const mostlyEmpty = [
      image(true, 0.9),
      ...Array.from({ length: 20 }, () => ({ truth: [], detections: [] })),
    ];
    expect(resampledMaps(mostlyEmpty, 50).every((map) => map === 0 || map === 1)).toBe(true);
  });
});

describe('Numbers of the same images', () => {
  const own = Array.from({ length: 64 }, (_, i) => 2 + (i % 5));
  const changed = (change: (i: number) => number) => own.map((value, i) => value + change(i));

  it.each<[string, boolean, (i: number) => number]>([
    ['are clearly more if most of them are higher', true, (i) => (i % 4 === 0 ? -0.5 : 0.7)],
    ['are not if they are the same', false, () => 0],
    ['are not if the gain is below 3 %', false, () => 0.05],
    ['are not if one image alone makes the gain', false, (i) => (i === 9 ? 60 : i % 2 === 0 ? 0.1 : -0.1)],
    ['are not if they are lower', false, () => -1],
  ])('%s', (_what, is, change) => {
    expect(isClearlyMore(changed(change), own)).toBe(is);
  });

  it('are not without images', () => {
    expect(isClearlyMore([], [])).toBe(false);
  });
});
