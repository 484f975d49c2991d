import { describe, expect, it } from 'vitest';
import { type GoldenSet, goldenRules } from '../../../../src/model/index.ts';
import { type Detection, type Detector, goldenMap, runGolden } from '../../../../src/perception/index.ts';

const box: [number, number, number, number] = [10, 10, 30, 30];
const frame = (file: string, truth?: GoldenSet['frames'][number]['truth']) => ({
  ...{ file, detections: [{ label: 'car', score: 0.9, box }] },
  ...(truth === undefined ? {} : { truth }),
});
const set = (...frames: GoldenSet['frames']): GoldenSet => ({
  ...{ schema: 1, ...goldenRules, minAgreement: { fp32: 0.95 }, frames },
});

function detector(found: readonly Detection[]): Detector {
  return {
    capacity: 1,
    identity: {
      ...{ model: 'toy', version: '1', digest: `sha256:${'0'.repeat(64)}`, engine: 'onnxruntime-node' },
      ...{ precision: 'fp32', labels: ['car'], inputWidth: 64, inputHeight: 64 },
    },
    detect: async () => ({
      ...{ detections: found, candidates: found.length },
      timings: { preprocessMs: 0, inferMs: 1, postprocessMs: 0 },
    }),
    close: async () => {},
  };
}
const car = { classId: 0, label: 'car', score: 0.9, box: { x1: 10, y1: 10, x2: 30, y2: 30 } };
const picture = async () => ({
  ...{ width: 64, height: 64, step: 192, encoding: 'rgb8' as const },
  data: new Uint8Array(64 * 192),
});
const mapOf = async (golden: GoldenSet, ...found: readonly Detection[]) =>
  (await runGolden(golden, detector(found), picture)).map;

describe('The accuracy on a golden set', () => {
  it('is that on the frames with truth, and is not told where there are none', async () => {
    expect(await mapOf(set(frame('a')), car)).toBeUndefined();
    expect(await mapOf(set(frame('a', [])), car)).toBeUndefined();
    expect(await mapOf(set(frame('a', [{ label: 'car', box }]), frame('b')), car)).toBe(1);
    expect(await mapOf(set(frame('a', [{ label: 'car', box }])))).toBe(0);
  });

  it('counts false positives, and a class by its name', async () => {
    const labelled = frame('a', [{ label: 'car', box }]);
    expect(await mapOf(set(frame('b', []), labelled), car)).toBeLessThan(1);
    expect(await mapOf(set(labelled), { ...car, label: 'truck' })).toBe(0);
  });

  it('does not count a box without a number', async () => {
    const broken = { ...car, box: { ...car.box, x1: Number.NaN } };
    expect(await mapOf(set(frame('a', [{ label: 'car', box }])), broken, car)).toBe(1);
  });

  it('takes what was found frame by frame', () => {
    const { frames } = set(frame('a', [{ label: 'car', box }]), frame('b', [{ label: 'car', box }]));
    const seen = [{ label: 'car', score: 0.9, box }];
    expect(goldenMap({ frames }, [{ found: seen }, { found: seen }])).toBe(1);
    expect(goldenMap({ frames }, [{ found: seen }, { found: [] }])).toBeCloseTo(0.5, 1);
    expect(goldenMap({ frames }, [{ found: seen }])).toBeCloseTo(0.5, 1);
  });
});
