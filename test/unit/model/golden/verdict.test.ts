import { describe, expect, it } from 'vitest';
import {
  checkAgreement,
  checkLatencyBudget,
  checkMemoryBudget,
  compareGolden,
  type GoldenSet,
  goldenRules,
} from '../../../../src/model/index.ts';

const set: GoldenSet = { schema: 1, ...goldenRules, minAgreement: { fp32: 0.9 }, frames: [] };
const result = (agreement: number) => ({
  agreement,
  frames: 2,
  worst: [
    { file: 'golden/001.jpg', agreement: 0 },
    { file: 'golden/000.jpg', agreement: 1 },
  ],
});
const code = (code: string, message: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(message) });

describe('What a bundle promises', () => {
  it('is kept at the least agreement, and missed below it, with the worst frames', () => {
    expect(() => checkAgreement(set, 'fp32', 'tensorrt', result(0.9))).not.toThrow();
    expect(() => checkAgreement(set, 'fp32', 'tensorrt', result(0.8999))).toThrow(
      code(
        'golden-parity',
        /^fp32 on tensorrt agrees .* 90\.0 % of .* 90\.0 % is needed \(worst: golden\/001/,
      ),
    );
  });

  it('is kept by the 95th percentile of latencies, not by the slowest', () => {
    const timesMs = Array.from({ length: 40 }, (_, i) => (i < 38 ? 10 : 100));
    expect(() => checkLatencyBudget(timesMs, 10)).not.toThrow();
    expect(() => checkLatencyBudget([...timesMs.slice(1), 100], 10)).toThrow(
      code('budget-latency', /takes 100\.0 ms \(p95 of 40\)/),
    );
  });

  it('is kept by memory up to the budget', () => {
    expect(() => checkMemoryBudget(1e6, 1e6)).not.toThrow();
    expect(() => checkMemoryBudget(3e6, 2e6)).toThrow(code('budget-memory', /holds 3 MB; .* budget is 2 MB/));
  });

  it('is compared frame by frame: all together, and the three that agree least', () => {
    const car = { label: 'car', score: 0.9, box: [0, 0, 10, 10] as [number, number, number, number] };
    const frame = (file: string, found: (typeof car)[]) => ({ file, expected: [car], found });
    const frames = [frame('a', [car]), frame('b', []), frame('c', [car]), frame('d', [car])];
    const compared = compareGolden(frames, goldenRules);
    expect(compared).toMatchObject({ frames: 4, worst: [{ file: 'b', agreement: 0 }, {}, {}] });
    expect(compared.agreement).toBeCloseTo(6 / 7);
  });
});
