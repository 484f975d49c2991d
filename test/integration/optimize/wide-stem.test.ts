import fc from 'fast-check';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterAll, describe, expect, it } from 'vitest';
import { collectStatistics } from '../../../src/optimize/calibrate/collect.ts';
import { cloneGraph, type SampleSet, saveModel } from '../../../src/optimize/index.ts';
import type { Graph } from '../../../src/optimize/onnx/graph.ts';
import { prepareGraph } from '../../../src/optimize/passes/prepare.ts';
import { writeQdq } from '../../../src/optimize/quantize/qdq.ts';
import { calibratedValues, SchemeBuilder, schemeOptions } from '../../../src/optimize/quantize/scheme.ts';
import { widenStem } from '../../../src/optimize/quantize/wide-stem.ts';
import { floats, GraphBuilder, seeded } from '../../unit/optimize/graphs.ts';
import { runner } from './engine.ts';

afterAll(() => runner.close());

interface Shape {
  readonly height: number;
  readonly width: number;
  readonly kernel: number;
  readonly filters: number;
  readonly activation: 'relu' | 'silu' | 'none';
  readonly seed: number;
}

const samplesOf = (dims: readonly number[]): SampleSet => ({
  name: 'noise',
  count: 2,
  input: async (index) => {
    const size = dims.reduce((a, b) => a * b, 1);
    return { x: { dataType: 1, dims, data: floats(size, seeded(index + 1)).map(Math.abs) } };
  },
});

/** A picture, a convolution with stride 2 on it, one more behind it; all in INT8. */
async function quantized({ height, width, kernel, filters, activation, seed }: Shape): Promise<Graph> {
  const dims = [1, 3, height, width];
  const b = new GraphBuilder(dims, seed);
  const first = b.conv('x', filters, kernel, 1, 2);
  const active = activation === 'none' ? first : b[activation](first);
  const graph = b.output(b.conv(active, 8, 3));
  await prepareGraph(graph, runner);
  const statistics = await collectStatistics(
    graph,
    runner,
    samplesOf(dims),
    calibratedValues(graph, ['qdq-u8']),
    () => {},
  );
  const builder = new SchemeBuilder(graph, statistics, schemeOptions('qdq-u8'));
  return writeQdq(graph, builder.build(new Set(builder.layers.map(({ id }) => id))));
}

/** As it runs in production, on integers. */
async function run(graph: Graph, dims: readonly number[]): Promise<Float32Array> {
  const session = await InferenceSession.create(saveModel(graph), { logSeverityLevel: 3 });
  const size = dims.reduce((a, b) => a * b, 1);
  const picture = floats(size, seeded(99)).map(Math.abs);
  const results = await session.run({ x: new Tensor('float32', picture, dims) });
  await session.release();
  const [output] = Object.values(results);
  if (!(output?.data instanceof Float32Array)) throw new RangeError('no float output');
  return output.data;
}

const shapes = fc.record<Shape>({
  height: fc.integer({ min: 4, max: 12 }).map((half) => half * 2),
  width: fc.integer({ min: 2, max: 6 }).map((quarter) => quarter * 4),
  kernel: fc.constantFrom(1, 3, 5, 7),
  filters: fc.constantFrom(3, 8, 12),
  activation: fc.constantFrom('relu', 'silu', 'none'),
  seed: fc.integer({ min: 1, max: 1e6 }),
});

describe('the convolution that reads the picture', () => {
  it('gives the same integers over groups of four pixels', async () => {
    await fc.assert(
      fc.asyncProperty(shapes, async (shape) => {
        const graph = await quantized(shape);
        const wide = cloneGraph(graph);
        expect(widenStem(wide)).toBe(true);
        const dims = [1, 3, shape.height, shape.width];
        expect(await run(wide, dims)).toEqual(await run(graph, dims));
      }),
      { numRuns: 25 },
    );
  });

  it.each([
    ['a width that four does not divide', { width: 18 }],
    ['a kernel whose columns are not half of the width', { kernel: 2 }],
  ])('stays as it is with %s', async (_, other) => {
    const graph = await quantized({
      height: 16,
      width: 16,
      kernel: 3,
      filters: 8,
      activation: 'relu',
      seed: 1,
      ...other,
    });
    const before = saveModel(graph);
    expect(widenStem(graph)).toBe(false);
    expect(saveModel(graph)).toEqual(before);
  });

  it('stays as it is where it was left in float', async () => {
    const b = new GraphBuilder([1, 3, 16, 16], 1);
    const graph = b.output(b.conv('x', 8, 3, 1, 2));
    expect(widenStem(graph)).toBe(false);
  });
});
