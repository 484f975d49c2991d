import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { floatData, floatTensor } from '../../../../src/optimize/onnx/tensor.ts';
import { biasShift, quantizeWeights } from '../../../../src/optimize/quantize/weights.ts';
import { GraphBuilder } from '../graphs.ts';

function convOf(seed: number, outputs = 8, group = 1) {
  const b = new GraphBuilder([1, 8, 4, 4], seed);
  b.conv('x', outputs, 3, group);
  const conv = b.graph.nodes[0]!;
  return { graph: b.graph, conv, float: floatData(b.graph.initializer(conv.input[1]!)!) };
}

describe('integer weights', () => {
  it('are at most half a step away where nothing is clipped', () => {
    fc.assert(
      fc.property(fc.integer(), fc.constantFrom(127, 63), (seed, limit) => {
        const { graph, conv, float } = convOf(seed);
        const { values, scales } = quantizeWeights(graph, conv, 0, { limit, searchClip: false });
        const size = float.length / scales.length;
        float.forEach((value, i) => {
          const scale = scales[Math.floor(i / size)]!;
          expect(Math.abs(value - values[i]! * scale)).toBeLessThanOrEqual(scale * 0.5001);
          expect(Math.abs(values[i]!)).toBeLessThanOrEqual(limit);
        });
      }),
      { numRuns: 30 },
    );
  });

  it('have a smaller squared error with the search for a clip than without', () => {
    const { graph, conv, float: flat } = convOf(11);
    // A bell with tails: few weights are large.
    const float = flat.map((value) => value ** 3);
    graph.setInitializer(floatTensor(conv.input[1]!, [8, 8, 3, 3], float));
    const errorOf = (searchClip: boolean) => {
      const { values, scales } = quantizeWeights(graph, conv, 0, { limit: 7, searchClip });
      const size = float.length / scales.length;
      return float.reduce((sum, v, i) => sum + (v - values[i]! * scales[Math.floor(i / size)]!) ** 2, 0);
    };
    expect(errorOf(true)).toBeLessThan(errorOf(false));
  });

  it('of a channel of zeros are zeros with a usable scale', () => {
    const { graph, conv } = convOf(2);
    graph.initializer(conv.input[1]!)?.rawData?.fill(0);
    const { values, scales } = quantizeWeights(graph, conv, 0);
    expect(values.every((value) => value === 0)).toBe(true);
    expect(scales.every((scale) => scale > 0)).toBe(true);
  });

  it.each([1, 8])('shift the bias by what rounding takes from constant inputs, %i groups', (group) => {
    const { graph, conv, float } = convOf(4, 8, group);
    const integer = quantizeWeights(graph, conv, 0);
    const means = Float64Array.from({ length: 8 }, (_, c) => c + 1);
    const shift = biasShift(conv, float, integer, means);
    const perGroup = 8 / group;
    for (let o = 0; o < 8; o += 1) {
      let expected = 0;
      for (let i = 0; i < perGroup; i += 1) {
        const mean = means[group === 1 ? i : o]!;
        for (let k = 0; k < 9; k += 1) {
          const at = (o * perGroup + i) * 9 + k;
          expected += (float[at]! - integer.values[at]! * integer.scales[o]!) * mean;
        }
      }
      expect(shift[o]).toBeCloseTo(expected, 5);
    }
  });
});
