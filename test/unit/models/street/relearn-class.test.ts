import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { headsOf, withClass, withoutClass } from '../../../../models/street/heads.ts';
import { learnRow, RowSamples } from '../../../../models/street/logistic.ts';
import { loadModel } from '../../../../src/optimize/index.ts';
import { floatData } from '../../../../src/optimize/onnx/tensor.ts';

const model = readFileSync(new URL('../../../../models/street/street.onnx', import.meta.url));
const biasesOf = (bytes: Uint8Array) => {
  const graph = loadModel(bytes);
  return headsOf(graph).map(({ bias }) => floatData(graph.initializer(bias)!));
};

describe('A class of the street detector', () => {
  it('is removed only from all heads and anchors', () => {
    const [before, after] = [biasesOf(model), biasesOf(withoutClass(model, 5, 1))];
    expect(after).toHaveLength(3);
    for (const [head, values] of after.entries())
      for (const [row, value] of values.entries())
        expect([head, row, value]).toEqual([head, row, row % 10 === 6 ? -8 : before[head]![row]]);
  });

  it('is what its rows say', () => {
    const weights = (channels: number) => new Float32Array(channels).fill(0.5);
    const bytes = withClass(model, 5, 4, (head, anchor, channels) => ({
      ...{ weights: weights(channels), bias: head * 10 + anchor },
    }));
    expect(biasesOf(bytes).map((values) => [values[9], values[19], values[29]])).toEqual([
      [0, 1, 2],
      [10, 11, 12],
      [20, 21, 22],
    ]);
  });
});

describe('A row that learns', () => {
  const samples = (count: number) => {
    const made = new RowSamples(2);
    // The first feature says it, the second says nothing and is far larger.
    for (let at = 0; at < count; at++)
      made.add(Float32Array.of(at % 4 === 0 ? 1.2 : 0.2 * (at % 3), 100 + (at % 7)), at % 4 === 0);
    return made;
  };

  it('says yes where the class was, and no elsewhere', () => {
    const row = learnRow(samples(200))!;
    const says = (a: number, b: number) => row.weights[0]! * a + row.weights[1]! * b + row.bias;
    expect(says(1.2, 103)).toBeGreaterThan(1);
    expect(says(0.2, 103)).toBeLessThan(-1);
  });

  it('learns nothing from a class that was hardly seen', () => {
    expect(learnRow(samples(20))).toBeUndefined();
  });
});
