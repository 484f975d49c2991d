import { describe, expect, it } from 'vitest';
import {
  coarseDepth,
  DepthErrorCounter,
  type DepthMap,
  depthAt,
  depthColours,
} from '../../../../src/perception/index.ts';

const depth = (values: readonly number[], more: Partial<DepthMap> = {}): DepthMap => ({
  ...{ x: 0, y: 0, cellWidth: 2, cellHeight: 2, columns: 4, rows: values.length / 4, gives: 'metres' },
  values: Float32Array.from(values),
  ...more,
});

describe('A depth map', () => {
  it('is read between the centres of its cells, and at its edges as in the last cell', () => {
    const at = depthAt(depth([1, 2, 3, 4, 5, 6, 7, 8]));
    expect([at(1, 1), at(2, 1), at(4, 2), at(0, 0), at(8, 4)]).toEqual([1, 1.5, 4.5, 1, 8]);
  });

  it('has no value beside a cell that has none', () => {
    const at = depthAt(depth([1, Number.NaN, 3, 4]));
    expect([at(1.5, 1), at(6, 1)]).toEqual([Number.NaN, 3.5]);
  });

  it('is made coarser without another shape', () => {
    const fine = depth(Array.from({ length: 16 }, (_, i) => i));
    expect(coarseDepth(fine, 2)).toEqual({
      columns: 2,
      rows: 2,
      values: Float32Array.of(2.5, 4.5, 10.5, 12.5),
    });
    expect(coarseDepth(fine, 100)).toMatchObject({ columns: 4, rows: 4, values: fine.values });
  });

  it('is drawn lighter where it is nearer, and not at all where there is no value', () => {
    const light = (map: DepthMap) => {
      const colours = depthColours(map);
      return Array.from(map.values, (_, i) => (colours[4 * i + 3] === 0 ? -1 : colours[4 * i + 1]!));
    };
    const metres = light(depth([1, 2, 50, Number.NaN]));
    expect(metres[0]).toBeGreaterThan(metres[1]!);
    expect(metres[1]).toBeGreaterThan(metres[2]!);
    expect(metres[3]).toBe(-1);
    const disparity = light(depth([1, 2, 50, 0], { gives: 'disparity' }));
    expect(disparity[2]).toBeGreaterThan(disparity[1]!);
  });
});

describe('The error of depth', () => {
  const result = (truth: readonly number[], map: DepthMap) => {
    const counter = new DepthErrorCounter();
    counter.add(Float32Array.from(truth), 4, map);
    return counter.result;
  };
  const pixels = { cellWidth: 1, cellHeight: 1 };

  it('is that of the places that were measured, up to 80 m', () => {
    const { absRel, delta1, pictures } = result([2, 10, 0, 100], depth([3, 11, 7, 7], pixels));
    expect(absRel).toBeCloseTo((0.5 + 0.1) / 2);
    expect([delta1, pictures]).toEqual([0.5, 1]);
  });

  it('takes metres at their word, and scales and shifts disparity', () => {
    const metres = [2, 4, 8, 16];
    const wrong = metres.map((value) => 3 * value);
    expect(result(metres, depth(wrong, pixels)).absRel).toBeCloseTo(2);
    const disparity = metres.map((value) => 700 / value - 12);
    const { absRel, delta1 } = result(metres, depth(disparity, { ...pixels, gives: 'disparity' }));
    expect(absRel).toBeLessThan(1e-5);
    expect(delta1).toBe(1);
  });

  it('is large where everything is said to be equally far away, or nothing is said', () => {
    const metres = [1, 2, 40, 80];
    expect(result(metres, depth([1, 1, 1, 1], { ...pixels, gives: 'disparity' })).absRel).toBeGreaterThan(
      0.5,
    );
    expect(result(metres, depth([1, Number.NaN, 40, 80], pixels)).absRel).toBeCloseTo(0.9995 / 4, 3);
  });

  it('leaves out a picture without a distance', () => {
    expect(result([0, 0, 0, 200], depth([1, 1, 1, 1], pixels))).toEqual({
      absRel: 0,
      delta1: 0,
      pictures: 0,
    });
  });
});
