import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterAll, describe, expect, it } from 'vitest';
import { collectStatistics } from '../../../src/optimize/calibrate/collect.ts';
import { loadModel, type SampleSet, saveModel } from '../../../src/optimize/index.ts';
import type { Graph } from '../../../src/optimize/onnx/graph.ts';
import {
  dimsOf,
  floatData,
  floatTensor,
  int64Tensor,
  integerData,
} from '../../../src/optimize/onnx/tensor.ts';
import { prepareGraph } from '../../../src/optimize/passes/prepare.ts';
import { writeFloat16 } from '../../../src/optimize/quantize/float16.ts';
import type { QdqForm } from '../../../src/optimize/quantize/placement.ts';
import { writeQdq } from '../../../src/optimize/quantize/qdq.ts';
import { calibratedValues, SchemeBuilder, schemeOptions } from '../../../src/optimize/quantize/scheme.ts';
import { finishForTensorRt, fusionOf } from '../../../src/optimize/quantize/tensorrt.ts';
import { writeWeightOnly } from '../../../src/optimize/quantize/weight-only.ts';
import { widenStem } from '../../../src/optimize/quantize/wide-stem.ts';
import { floats, GraphBuilder, seeded } from '../../unit/optimize/graphs.ts';
import { largestDifference, outputsOf, runner } from './engine.ts';

const python = '/usr/bin/python3';
const hasChecker = spawnSync(python, ['-c', 'import onnx.checker']).status === 0;
const folder = mkdtempSync(join(tmpdir(), 'goshawk-qdq-'));

afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await runner.close();
});

const dims = [1, 3, 32, 32];

/** Calibration pictures of noise with a gradient. */
function samples(count: number, name = 'x', shape: readonly number[] = dims): SampleSet {
  const size = shape.reduce((a, b) => a * b, 1);
  return {
    name: 'noise',
    count,
    input: async (index) => {
      const random = seeded(index + 1);
      const data = Float32Array.from(floats(size, random), (value, i) => value * 0.4 + i / size);
      return { [name]: { dataType: 1, dims: shape, data } };
    },
  };
}

/** Operators of a CSP detector: SiLU and Relu, a residual, a pool pyramid, upsampling, and a tail. */
function detector(): Graph {
  const b = new GraphBuilder(dims, 5);
  const stem = b.silu(b.conv('x', 16, 3, 1, 2));
  const left = b.relu(b.conv(stem, 16));
  const [sum = ''] = b.node('Add', [left, b.silu(b.conv(b.silu(b.conv(left, 16)), 16, 3))]);
  const [pool = ''] = b.node('MaxPool', [sum], { kernel_shape: [5, 5], pads: [2, 2, 2, 2], strides: [1, 1] });
  const mixed = b.silu(b.conv(b.concat([sum, pool, stem]), 32));
  const down = b.relu(b.conv(mixed, 32, 3, 1, 2));
  const scales = b.constant([4], Float32Array.of(1, 1, 2, 2));
  const [up = ''] = b.node('Resize', [down, '', scales], {
    mode: 'nearest',
    coordinate_transformation_mode: 'asymmetric',
    nearest_mode: 'floor',
  });
  const wide = b.silu(b.conv(b.silu(b.conv(b.concat([up, mixed]), 24)), 24, 3, 24));
  const [scores = ''] = b.node('Sigmoid', [b.conv(wide, 8)]);
  return b.output(scores);
}

async function quantizationOf(
  graph: Graph,
  set: SampleSet,
  float: readonly number[] = [],
  form: QdqForm = 'qdq-u8',
) {
  await prepareGraph(graph, runner);
  const values = calibratedValues(graph, [form]);
  const statistics = await collectStatistics(graph, runner, set, values, () => {});
  const builder = new SchemeBuilder(graph, statistics, schemeOptions(form));
  const kept = builder.layers.filter((_, i) => !float.includes(i));
  return { builder, scheme: builder.build(new Set(kept.map((layer) => layer.id))) };
}

async function forTensorRt(graph: Graph, float: readonly number[] = []): Promise<Graph> {
  const { scheme } = await quantizationOf(graph, samples(4), float, 'qdq-s8');
  return finishForTensorRt(writeQdq(graph, scheme));
}

/** Operators of the graph as the engine runs it, with their counts. */
async function fusedOperators(model: Uint8Array): Promise<Map<string, number>> {
  const path = join(folder, `optimized-${Math.abs(model.length)}.onnx`);
  const session = await InferenceSession.create(model, {
    graphOptimizationLevel: 'extended',
    optimizedModelFilePath: path,
    logSeverityLevel: 3,
  });
  await session.release();
  const counts = new Map<string, number>();
  for (const node of loadModel(new Uint8Array(readFileSync(path))).nodes) {
    counts.set(node.opType ?? '', (counts.get(node.opType ?? '') ?? 0) + 1);
  }
  return counts;
}

function checked(model: Uint8Array): string {
  const path = join(folder, 'check.onnx');
  writeFileSync(path, model);
  const script = 'import onnx, sys; onnx.checker.check_model(onnx.load(sys.argv[1]), full_check=True)';
  const { status, stderr } = spawnSync(python, ['-c', script, path], { encoding: 'utf8' });
  return status === 0 ? 'ok' : stderr;
}

describe('quantized models', () => {
  it('are fused by ONNX Runtime: every convolution runs on integers', async () => {
    const graph = detector();
    const { builder, scheme } = await quantizationOf(graph, samples(4));
    const counts = await fusedOperators(saveModel(writeQdq(graph, scheme)));
    expect(counts.get('QLinearConv')).toBe(builder.layers.length);
    expect(counts.get('Conv')).toBeUndefined();
    // A Relu before a zero point of 0 is gone too, and what only moves values runs without a pair around it.
    expect(counts.get('Relu')).toBeUndefined();
    expect(counts.get('QLinearSigmoid')).toBe(6);
    expect(counts.get('QuantizeLinear')).toBe(1);
  });

  it.each([1e-12, 1e-11, 1e-9, 1e-7, 1e-6, 0])(
    'compute the bias of channels whose weights are nearly dead: at most %d',
    async (most) => {
      const b = new GraphBuilder(dims, 8);
      const first = b.relu(b.conv('x', 16, 3));
      const graph = b.output(b.conv(first, 8, 3));
      for (const node of graph.nodes.filter(({ opType }) => opType === 'Conv')) {
        const [weight, bias] = [graph.initializer(node.input[1]!)!, graph.initializer(node.input[2]!)!];
        const [channels = 0] = dimsOf(weight);
        const [weights, biases] = [floatData(weight), floatData(bias)];
        const size = weights.length / channels;
        // Every other channel is dead but for a bias that matters.
        for (let c = 0; c < channels; c += 2) {
          for (let i = c * size; i < (c + 1) * size; i += 1) weights[i]! *= most;
          biases[c] = c % 4 === 0 ? 3 : -2;
        }
        graph.setInitializer(floatTensor(node.input[1]!, dimsOf(weight), weights));
        graph.setInitializer(floatTensor(node.input[2]!, dimsOf(bias), biases));
      }
      const picture = (await samples(1).input(0)).x!;
      const output = graph.proto.output[0]?.name ?? '';
      const float = (await outputsOf(graph, picture))[output]!;
      for (const form of ['qdq-u8', 'qdq-s8'] as const) {
        const { scheme } = await quantizationOf(graph, samples(4), [], form);
        const session = await InferenceSession.create(saveModel(writeQdq(graph, scheme)), {
          logSeverityLevel: 3,
        });
        const results = await session.run({ x: new Tensor('float32', picture.data as Float32Array, dims) });
        await session.release();
        const found = results[output]!.data as Float32Array;
        const norm = (values: Float32Array) => Math.hypot(...values);
        const error = norm(found.map((value, i) => value - float[i]!)) / norm(float);
        expect(error).toBeLessThan(0.05);
      }
    },
  );

  it('are fused as well where the first convolution works on groups of pixels, as files ship', async () => {
    const graph = detector();
    const { builder, scheme } = await quantizationOf(graph, samples(4));
    const shipped = writeQdq(graph, scheme);
    expect(widenStem(shipped)).toBe(true);
    const counts = await fusedOperators(saveModel(shipped));
    expect(counts.get('QLinearConv')).toBe(builder.layers.length);
    expect(counts.get('QuantizeLinear')).toBe(1);
    if (hasChecker) expect(checked(saveModel(shipped))).toBe('ok');
  });

  it('leave exactly the layers in float that the scheme names', async () => {
    const graph = detector();
    const { builder, scheme } = await quantizationOf(graph, samples(4), [0, 3]);
    const counts = await fusedOperators(saveModel(writeQdq(graph, scheme)));
    expect(scheme.float).toHaveLength(2);
    expect(counts.get('QLinearConv')).toBe(builder.layers.length - 2);
  });

  it('compute nearly what the float model computes, in both forms', async () => {
    const graph = detector();
    await prepareGraph(graph, runner);
    const input = (await samples(9).input(8)).x!;
    const [name = ''] = Object.keys(await outputsOf(graph, input));
    const float = (await outputsOf(graph, input))[name]!;
    for (const form of ['qdq-u8', 'qdq-s8'] as const) {
      const { scheme } = await quantizationOf(graph, samples(8), [], form);
      const found = (await outputsOf(writeQdq(graph, scheme), input))[name]!;
      expect(largestDifference(float, found), form).toBeLessThan(0.1);
      expect(largestDifference(float, found), form).toBeGreaterThan(0);
    }
  });

  it('cover only the range of the values for ONNX Runtime, and are symmetric around zero for TensorRT', async () => {
    const graph = detector();
    const { scheme } = await quantizationOf(graph, samples(4));
    const [behind = ''] = graph.nodes
      .filter(({ opType }) => opType === 'Mul')
      .map(({ output }) => output[0]!);
    const u8 = writeQdq(graph, scheme);
    const scaleOf = (of: Graph) => floatData(of.initializer(`${behind}_scale`)!)[0]!;
    const zeroOf = (of: Graph) => integerData(of.initializer(`${behind}_zero_point`)!)[0]!;
    // Behind a SiLU nothing is below -0.28.
    const { low, high } = scheme.ranges.get(behind)!;
    expect(low).toBeGreaterThan(-0.28);
    expect(low).toBeLessThan(0);
    expect(scaleOf(u8)).toBeCloseTo((high - low) / 255, 6);
    expect(zeroOf(u8)).toBe(Math.round(-low / scaleOf(u8)));
    const { scheme: signed } = await quantizationOf(graph, samples(4), [], 'qdq-s8');
    const s8 = writeQdq(graph, signed);
    for (const tensor of s8.proto.initializer) {
      if (tensor.name?.endsWith('_zero_point'))
        expect(tensor.rawData?.every((byte) => byte === 0)).toBe(true);
    }
    expect(scaleOf(s8)).toBeCloseTo(Math.max(high, -low) / 127, 3);
  });

  it('with a rounded value as their output keep its name', async () => {
    const b = new GraphBuilder([1, 8, 6, 6], 3);
    const graph = b.output(b.relu(b.conv('x', 8, 3)));
    const name = graph.proto.output[0]?.name ?? '';
    const { scheme } = await quantizationOf(graph, samples(2, 'x', [1, 8, 6, 6]));
    const input = (await samples(1, 'x', [1, 8, 6, 6]).input(0)).x!;
    const found = await outputsOf(writeQdq(graph, scheme), input);
    expect(largestDifference(found[name]!, (await outputsOf(graph, input))[name]!)).toBeLessThan(0.1);
  });

  it.skipIf(!hasChecker)('pass the ONNX checker, all variants (skipped without python3-onnx)', async () => {
    const graph = detector();
    const { scheme } = await quantizationOf(graph, samples(2));
    for (const variant of [
      graph,
      writeQdq(graph, scheme),
      await forTensorRt(graph),
      writeWeightOnly(graph),
      writeFloat16(graph).graph,
    ]) {
      expect(checked(saveModel(variant))).toBe('ok');
    }
  });
});

describe('the file for TensorRT', () => {
  it('can become an INT8 layer at every weighted operator, and leaves nothing in FP32', async () => {
    const graph = detector();
    const file = await forTensorRt(graph);
    expect(file.opset).toBe(19);
    expect(fusionOf(file)).toEqual({ weighted: 9, int8: 9, half: [], broken: [], fp32: {} });
    const input = (await samples(9).input(8)).x!;
    const [float, found] = [await outputsOf(graph, input), await outputsOf(file, input)];
    const [name = ''] = Object.keys(float);
    expect(largestDifference(float[name]!, found[name]!)).toBeLessThan(0.1);
    expect(largestDifference(float[name]!, found[name]!)).toBeGreaterThan(0);
  });

  it('gives the same with all optimizations of ONNX Runtime, though a step of its bias is below every half', async () => {
    const b = new GraphBuilder(dims, 3);
    const graph = b.output(b.relu(b.conv(b.relu(b.conv(b.relu(b.conv('x', 16, 3)), 16, 3)), 16, 3)));
    const [first] = graph.nodes.filter(({ opType }) => opType === 'Conv');
    const scaled = (name: string, factor: number) => {
      const tensor = graph.initializer(name)!;
      const values = floatData(tensor).map((value) => value * factor);
      graph.setInitializer(floatTensor(name, dimsOf(tensor), values));
    };
    scaled(first!.input[1]!, 1 / 4000);
    scaled(first!.input[2]!, 10);
    const file = await forTensorRt(graph);
    const input = (await samples(9).input(8)).x!;
    const [name = ''] = graph.proto.output.map((output) => output.name ?? '');
    const plain = (await outputsOf(file, input))[name]!;
    const loaded = await runner.load(saveModel(file), { optimization: 'all' });
    const { data: found } = (await loaded.run({ x: input })).outputs[name]!;
    await loaded.close();
    expect(largestDifference(plain, found as Float32Array)).toBeLessThan(0.02);
  });

  it('leaves in float16 what the search leaves in float', async () => {
    const file = await forTensorRt(detector(), [0, 3]);
    expect(fusionOf(file)).toMatchObject({ weighted: 9, int8: 7, broken: [], fp32: {} });
    expect(fusionOf(file).half).toHaveLength(2);
  });

  it('holds INT8 matrix products and transposed convolutions too', async () => {
    const b = new GraphBuilder(dims, 4);
    const up = b.node('ConvTranspose', [b.relu(b.conv('x', 8, 3)), b.constant([8, 6, 2, 2])], {
      ...{ kernel_shape: [2, 2], strides: [2, 2] },
    })[0]!;
    const [pooled = ''] = b.node('GlobalAveragePool', [up]);
    const [flat = ''] = b.node('Flatten', [pooled], { axis: 1 });
    const [mixed = ''] = b.node('MatMul', [flat, b.constant([6, 12])]);
    const [scores = ''] = b.node('Gemm', [b.relu(mixed), b.constant([5, 12]), b.constant([5])], {
      transB: 1,
    });
    const graph = b.output(scores);
    graph.proto.output = [{ name: scores, type: { tensorType: { elemType: 1, shape: { dim: [{}, {}] } } } }];
    const file = await forTensorRt(graph);
    expect(fusionOf(file)).toEqual({ weighted: 4, int8: 4, half: [], broken: [], fp32: {} });
    const input = (await samples(1).input(0)).x!;
    const [float, found] = [await outputsOf(graph, input), await outputsOf(file, input)];
    expect(largestDifference(float[scores]!, found[scores]!)).toBeLessThan(0.1);
    if (hasChecker) expect(checked(saveModel(file))).toBe('ok');
    // ONNX Runtime computes the products on integers as well, and the transposed convolution faster in float.
    const { builder, scheme } = await quantizationOf(graph, samples(4));
    expect(builder.layers.map(({ operator }) => operator.opType)).toEqual(['Conv', 'MatMul', 'Gemm']);
    const u8 = writeQdq(graph, scheme);
    expect(largestDifference(float[scores]!, (await outputsOf(u8, input))[scores]!)).toBeLessThan(0.1);
    const counts = await fusedOperators(saveModel(u8));
    expect([counts.get('MatMul'), counts.get('Gemm')]).toEqual([undefined, undefined]);
  });
});

describe('weight-only and float16 variants', () => {
  it('compute nearly what the float model computes', async () => {
    const graph = detector();
    await prepareGraph(graph, runner);
    const input = (await samples(1).input(0)).x!;
    const float = Object.values(await outputsOf(graph, input))[0]!;
    const weightOnly = Object.values(await outputsOf(writeWeightOnly(graph), input))[0]!;
    const half = Object.values(await outputsOf(writeFloat16(graph).graph, input))[0]!;
    expect(largestDifference(float, weightOnly)).toBeLessThan(0.02);
    expect(largestDifference(float, half)).toBeLessThan(0.004);
  });

  it('gives an operator that knows floats alone what it knows', async () => {
    const b = new GraphBuilder([1, 4, 1, 6], 5);
    const int = (name: string, list: readonly number[]) => {
      b.graph.setInitializer(int64Tensor(name, [list.length], list));
      return name;
    };
    const rows = b.node('Reshape', [b.conv('x', 4), int('rows', [1, 6, 4])])[0]!;
    const scores = b.node('Sigmoid', [b.node('Reshape', [b.conv('x', 1), int('one', [1, 1, 6])])[0]!])[0]!;
    const limits = ['iou', 'score'].map((name) => {
      b.graph.setInitializer(floatTensor(name, [1], [0.3]));
      return name;
    });
    const kept = b.node('NonMaxSuppression', [rows, scores, int('most', [3]), ...limits])[0]!;
    const taken = b.node('Gather', [scores, kept])[0]!;
    const graph = b.output(b.node('ReduceSum', [taken])[0]!);
    graph.proto.output[0]!.type = { tensorType: { elemType: 1 } };
    const half = writeFloat16(graph).graph;
    const loaded = await runner.load(saveModel(half));
    await loaded.close();
    expect(half.nodes.map(({ opType }) => opType)).toContain('NonMaxSuppression');
  });

  it('are a quarter and half of the size', async () => {
    const b = new GraphBuilder(dims, 5);
    const graph = b.output(b.conv(b.relu(b.conv('x', 128, 3)), 128, 3));
    const float = saveModel(graph).length;
    expect(saveModel(writeWeightOnly(graph)).length / float).toBeLessThan(0.27);
    expect(saveModel(writeFloat16(graph).graph).length / float).toBeLessThan(0.51);
  });
});

const data = '../shared/data/models';

describe.skipIf(!existsSync(data))('real detectors (skipped without the shared data)', () => {
  it.each([
    ['yolox-nano/yolox_nano.onnx', 'images', [1, 3, 416, 416]],
    ['fastestdet/FastestDet.onnx', 'input.1', [1, 3, 352, 352]],
  ])(
    '%s: bytes survive, the upgrade changes no output, and INT8 is fused',
    async (file, name, shape) => {
      const bytes = new Uint8Array(readFileSync(join(data, file)));
      expect(saveModel(loadModel(bytes))).toEqual(bytes);
      const graph = loadModel(bytes);
      const set = samples(2, name, shape);
      const input = (await set.input(0))[name]!;
      const before = Object.values(await outputsOf(graph, input, name))[0]!;
      const { builder, scheme } = await quantizationOf(graph, set);
      expect(graph.opset).toBe(13);
      expect(largestDifference(before, Object.values(await outputsOf(graph, input, name))[0]!)).toBeLessThan(
        1e-4,
      );
      const model = saveModel(writeQdq(graph, scheme));
      expect((await fusedOperators(model)).get('QLinearConv')).toBe(builder.layers.length);
      if (hasChecker) expect(checked(model)).toBe('ok');
      const { scheme: signed } = await quantizationOf(graph, set, [], 'qdq-s8');
      const { int8, weighted, broken, fp32 } = fusionOf(finishForTensorRt(writeQdq(graph, signed)));
      expect([int8, broken, fp32]).toEqual([weighted, [], {}]);
    },
    240_000,
  );
});
