import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterAll, describe, expect, it } from 'vitest';
import { collectStatistics } from '../../../src/optimize/calibrate/collect.ts';
import { cloneGraph, loadModel, saveModel } from '../../../src/optimize/index.ts';
import type { Graph } from '../../../src/optimize/onnx/graph.ts';
import { int64Tensor } from '../../../src/optimize/onnx/tensor.ts';
import { freeBatch } from '../../../src/optimize/passes/batch.ts';
import { confirmBatch } from '../../../src/optimize/passes/confirm-batch.ts';
import { prepareGraph } from '../../../src/optimize/passes/prepare.ts';
import { writeFloat16 } from '../../../src/optimize/quantize/float16.ts';
import { writeQdq } from '../../../src/optimize/quantize/qdq.ts';
import { calibratedValues, SchemeBuilder, schemeOptions } from '../../../src/optimize/quantize/scheme.ts';
import { writeWeightOnly } from '../../../src/optimize/quantize/weight-only.ts';
import { widenStem } from '../../../src/optimize/quantize/wide-stem.ts';
import { floats, GraphBuilder, seeded } from '../../unit/optimize/graphs.ts';
import { largestDifference, runner } from './engine.ts';

afterAll(() => runner.close());

/** As it runs in production: a run of so many of the drawn pictures, one after the other. */
async function runnerOf(graph: Graph, dims: readonly number[]) {
  const session = await InferenceSession.create(saveModel(graph), {
    logSeverityLevel: 3,
    intraOpNumThreads: 1,
  });
  const size = dims.reduce((product, side) => product * side, 1);
  return async (from: number, pictures: number): Promise<Float32Array> => {
    const data = new Float32Array(pictures * size);
    for (let i = 0; i < pictures; i += 1)
      data.set(floats(size, seeded(500 + from + i)).map(Math.abs), i * size);
    const results = await session.run({
      [session.inputNames[0] ?? '']: new Tensor('float32', data, [pictures, ...dims]),
    });
    return results[session.outputNames[0] ?? '']?.data as Float32Array;
  };
}

/** Four pictures in one run give what each of them gives in a run of its own, and one what it gave before. */
async function expectFree(graph: Graph, dims: readonly number[], tolerance = 1e-5): Promise<void> {
  const before = await runnerOf(cloneGraph(graph), dims);
  expect(freeBatch(graph)).toBeUndefined();
  const run = await runnerOf(graph, dims);
  expect(await run(0, 1)).toEqual(await before(0, 1));
  const together = await run(0, 4);
  const length = together.length / 4;
  const scale = together.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  for (let picture = 0; picture < 4; picture += 1) {
    const part = together.subarray(picture * length, (picture + 1) * length);
    expect(largestDifference(part, await run(picture, 1)) / scale).toBeLessThan(tolerance);
  }
}

const side = 16;

/** What detectors are made of, up to boxes in rows. */
const steps = [
  'conv',
  'silu',
  'shrink',
  'concat',
  'residual',
  'pool',
  'gate',
  'scale',
  'split',
  'resize',
] as const;

function detector(list: readonly (typeof steps)[number][], seed: number): Graph {
  const b = new GraphBuilder([1, 3, side, side], seed);
  const width = (value: string) => b.channels.get(value) ?? 0;
  const integers = (name: string, values: readonly number[]) => {
    b.graph.setInitializer(int64Tensor(name, [values.length], values));
    return name;
  };
  let at = b.relu(b.conv('x', 8, 3, 1, 2));
  let size = side / 2;
  for (const [i, step] of list.entries()) {
    if (step === 'conv') at = b.relu(b.conv(at, 12, 3));
    else if (step === 'silu') at = b.silu(b.conv(at, 8));
    else if (step === 'shrink' && size > 2) {
      at = b.relu(b.conv(at, 16, 3, 1, 2));
      size /= 2;
    } else if (step === 'concat') at = b.concat([at, b.relu(b.conv(at, 8))]);
    else if (step === 'residual') at = b.node('Add', [at, b.conv(at, width(at), 3)])[0]!;
    else if (step === 'pool')
      at = b.node('MaxPool', [at], { kernel_shape: [3, 3], pads: [1, 1, 1, 1], strides: [1, 1] })[0]!;
    else if (step === 'gate') {
      const [pooled = ''] = b.node('GlobalAveragePool', [at]);
      at = b.node('Mul', [at, b.node('Sigmoid', [b.conv(pooled, width(at))])[0]!])[0]!;
    } else if (step === 'scale') at = b.node('Mul', [at, b.constant([1, width(at), 1, 1])])[0]!;
    else if (step === 'split') {
      const [left = '', right = ''] = b.node(
        'Split',
        [at, integers(`s${i}`, [4, width(at) - 4])],
        { axis: 1 },
        2,
      );
      b.channels.set(left, 4);
      b.channels.set(right, width(at) - 4);
      at = b.concat([right, left]);
    } else if (step === 'resize' && size < side) {
      const scales = b.constant([4], Float32Array.of(1, 1, 2, 2));
      at = b.node('Resize', [at, '', scales], {
        ...{ mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' },
      })[0]!;
      size *= 2;
    }
  }
  // As the heads of the YOLO families end: [1, anchors, values, y, x], turned, decoded, one row per box.
  const head = b.conv(at, 14);
  const [apart = ''] = b.node('Reshape', [head, integers('apart', [1, 2, 7, size, size])]);
  const [turned = ''] = b.node('Transpose', [apart], { perm: [0, 1, 3, 4, 2] });
  const [sure = ''] = b.node('Sigmoid', [turned]);
  const axis = integers('last', [4]);
  const [boxes = ''] = b.node('Slice', [sure, integers('from', [0]), integers('to', [2]), axis]);
  const [rest = ''] = b.node('Slice', [sure, integers('more', [2]), integers('end', [7]), axis]);
  const [placed = ''] = b.node('Add', [boxes, b.constant([1, 1, size, size, 2])]);
  const [all = ''] = b.node('Concat', [placed, rest], { axis: 4 });
  return b.output(b.node('Reshape', [all, integers('rows', [1, -1, 7])])[0]!);
}

async function quantized(graph: Graph): Promise<Graph> {
  const dims = [1, 3, side, side];
  const samples = {
    ...{ name: 'noise', count: 2 },
    input: async (index: number) => ({
      x: { dataType: 1, dims, data: floats(3 * side * side, seeded(index + 1)).map(Math.abs) },
    }),
  };
  const statistics = await collectStatistics(
    graph,
    runner,
    samples,
    calibratedValues(graph, ['qdq-u8']),
    () => {},
  );
  const builder = new SchemeBuilder(graph, statistics, schemeOptions('qdq-u8'));
  return writeQdq(graph, builder.build(new Set(builder.layers.map(({ id }) => id))));
}

const lists = fc.record({
  list: fc.array(fc.constantFrom(...steps), { minLength: 1, maxLength: 6 }),
  seed: fc.integer({ min: 1, max: 1e6 }),
});

describe('a free batch', () => {
  it('gives four pictures in one run what each gives alone, and one what it gave before', async () => {
    await fc.assert(
      fc.asyncProperty(lists, async ({ list, seed }) => expectFree(detector(list, seed), [3, side, side])),
      { numRuns: 20, seed: 3 },
    );
  });

  it.each([
    ['qdq-u8 with groups of pixels', quantizedAndWide],
    ['weights-int8', async (graph: Graph) => loadModel(saveModel(writeWeightOnly(graph)))],
    ['fp16', async (graph: Graph) => writeFloat16(graph).graph],
  ])('does so in %s', async (_, make) => {
    const graph = detector(['silu', 'concat', 'shrink', 'residual', 'resize', 'gate'], 5);
    await prepareGraph(graph, runner);
    await expectFree(await make(graph), [3, side, side], 1e-2);
  });

  async function quantizedAndWide(graph: Graph): Promise<Graph> {
    const integers = await quantized(graph);
    expect(widenStem(integers)).toBe(true);
    return integers;
  }

  it.each([
    ['a Reshape that counts pictures among the channels', (b: GraphBuilder, at: string) => fold(b, at)],
    ['a Concat of pictures', (b: GraphBuilder, at: string) => b.node('Concat', [at, at], { axis: 0 })[0]!],
    [
      'a constant that has a picture of its own',
      (b: GraphBuilder, at: string) => b.node('Add', [at, b.constant([8, 8, 8])])[0]!,
    ],
    [
      'a Transpose of pictures',
      (b: GraphBuilder, at: string) => b.node('Transpose', [at], { perm: [1, 0, 2, 3] })[0]!,
    ],
  ])('is refused for %s unless it is the same for each', (what, end) => {
    const b = new GraphBuilder([1, 3, side, side], 1);
    const graph = b.output(end(b, b.relu(b.conv('x', 8, 3, 1, 2))));
    const before = saveModel(graph);
    const reason = freeBatch(graph);
    // A constant below the pictures is every picture's.
    if (what.startsWith('a constant')) expect(reason).toBeUndefined();
    else {
      expect(reason).toMatch(/may mix pictures/);
      expect(saveModel(graph)).toEqual(before);
    }
  });

  function fold(b: GraphBuilder, at: string): string {
    b.graph.setInitializer(int64Tensor('folded', [4], [2, 4, 8, 8]));
    return b.node('Reshape', [at, 'folded'])[0]!;
  }

  it.each([
    'street/street',
    'street-int8/qdq-u8',
    'street-int8/qdq-s8',
    'street-lean/qdq-u8',
    'street-lean/qdq-s8',
  ])('is in models/%s.onnx, with the same result for every picture', async (name) => {
    const file = fileURLToPath(new URL(`../../../models/${name}.onnx`, import.meta.url));
    const run = await runnerOf(loadModel(readFileSync(file)), [3, 192, 320]);
    const together = await run(0, 4);
    for (let picture = 0; picture < 4; picture += 1) {
      const length = together.length / 4;
      const part = together.subarray(picture * length, (picture + 1) * length);
      // Pixels and scores.
      expect(largestDifference(part, await run(picture, 1))).toBeLessThan(1e-3);
    }
  });

  const shared = fileURLToPath(new URL('../../../../shared/data/models', import.meta.url));
  it.skipIf(!existsSync(shared))(
    'is found in YOLOX-Nano, and not in FastestDet, which shuffles channels and pictures together',
    async () => {
      const yolox = loadModel(readFileSync(`${shared}/yolox-nano/yolox_nano.onnx`));
      await prepareGraph(yolox, runner);
      await expectFree(yolox, [3, 416, 416], 1e-4);
      const fastest = loadModel(readFileSync(`${shared}/fastestdet/FastestDet.onnx`));
      await prepareGraph(fastest, runner);
      expect(freeBatch(fastest)).toMatch(/Reshape .* may mix pictures/);
    },
  );
});

describe('what is tried of a free batch', () => {
  const input = { name: 'x', dims: [1, 3, side, side], dataType: 1 };
  const make = (end: (b: GraphBuilder, at: string) => string, batch: number | string = 1): Uint8Array => {
    const b = new GraphBuilder([batch, 3, side, side], 1);
    return saveModel(b.output(end(b, b.relu(b.conv('x', 8, 3, 1, 2)))));
  };
  const plain = make((_, at) => at);

  it('holds where pictures do not meet', async () => {
    expect(
      await confirmBatch(
        plain,
        make((_, at) => at, 'batch'),
        [input],
        runner,
      ),
    ).toBeUndefined();
  });

  it.each([
    [
      'depends on the mean of all pictures',
      (b: GraphBuilder, at: string) =>
        b.node('Sub', [at, b.node('ReduceMean', [at], { axes: [0], keepdims: 1 })[0]!])[0]!,
      /another one alone than among 4/,
    ],
    [
      'has one row for all',
      (b: GraphBuilder, at: string) => b.node('ReduceMean', [at], { axes: [0], keepdims: 1 })[0]!,
      /of 4 pictures is 1x8x8x8/,
    ],
    [
      'fails for several',
      (b: GraphBuilder, at: string) => {
        b.graph.setInitializer(int64Tensor('one', [4], [1, 8, 8, 8]));
        return b.node('Reshape', [at, 'one'])[0]!;
      },
      /4 pictures at once fail/,
    ],
  ])('where an output %s', async (_what, end, reason) => {
    const said = await confirmBatch(make(end), make(end, 'batch'), [input], runner);
    expect(said).toMatch(reason);
  });
});
