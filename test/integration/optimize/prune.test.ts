import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { Graph } from '../../../src/optimize/onnx/graph.ts';
import { int64Tensor } from '../../../src/optimize/onnx/tensor.ts';
import { removeUnits } from '../../../src/optimize/prune/apply.ts';
import { findBlocks, scoreUnits } from '../../../src/optimize/prune/blocks.ts';
import { ChannelMap } from '../../../src/optimize/prune/channels.ts';
import { selectUnits } from '../../../src/optimize/prune/select.ts';
import { shapesOf } from '../../../src/optimize/prune/shapes.ts';
import { gatherShuffles } from '../../../src/optimize/prune/shuffles.ts';
import { floats, GraphBuilder, seeded } from '../../unit/optimize/graphs.ts';
import { largestDifference, outputsOf, runner } from './engine.ts';
import { withZeroed } from './zeroed.ts';

afterAll(() => runner.close());

type Step =
  | 'conv'
  | 'depthwise'
  | 'grouped'
  | 'residual'
  | 'concat'
  | 'split'
  | 'slice'
  | 'norm'
  | 'gate'
  | 'pool'
  | 'scale'
  | 'shrink'
  | 'resize'
  | 'pad'
  | 'attention'
  | 'tokens'
  | 'shuffle'
  | 'halves'
  | 'upconv';

const steps: readonly Step[] = [
  ...(['conv', 'depthwise', 'grouped', 'residual', 'concat', 'split', 'slice'] as const),
  ...(['norm', 'gate', 'pool', 'scale', 'shrink', 'resize', 'pad'] as const),
  ...(['attention', 'tokens', 'shuffle', 'halves', 'upconv'] as const),
];

function shaped(b: GraphBuilder, value: string, dims: readonly number[]): string {
  const name = `target_${b.graph.nodes.length}`;
  b.graph.setInitializer(int64Tensor(name, [dims.length], dims));
  return b.node('Reshape', [value, name])[0] ?? '';
}

function turned(b: GraphBuilder, value: string, perm: readonly number[]): string {
  return b.node('Transpose', [value], { perm })[0] ?? '';
}

/** Two heads that share one projection, as YOLO11 has them; values have a path beside the attention. */
function attention(b: GraphBuilder, at: string, size: number): string {
  const heads = shaped(b, b.conv(at, 64), [1, 2, 32, size * size]);
  const sizes = `sizes_${b.graph.nodes.length}`;
  b.graph.setInitializer(int64Tensor(sizes, [3], [8, 8, 16]));
  const [query = '', key = '', value = ''] = b.node('Split', [heads, sizes], { axis: 2 }, 3);
  const [products = ''] = b.node('MatMul', [turned(b, query, [0, 1, 3, 2]), key]);
  const [weights = ''] = b.node('Softmax', [products], { axis: -1 });
  const [mixed = ''] = b.node('MatMul', [value, turned(b, weights, [0, 1, 3, 2])]);
  const picture = shaped(b, mixed, [1, 32, size, size]);
  const beside = shaped(b, value, [1, 32, size, size]);
  b.channels.set(beside, 32);
  const [sum = ''] = b.node('Add', [picture, b.conv(beside, 32, 3, 32)]);
  b.channels.set(sum, 32);
  return sum;
}

/** Pixels as tokens through layers of a transformer: two linear layers around a residual sum, normalised over the channels. */
function tokens(b: GraphBuilder, at: string, size: number): string {
  const count = b.channels.get(at) ?? 0;
  const rows = turned(b, shaped(b, at, [1, count, -1]), [0, 2, 1]);
  const [wide = ''] = b.node('MatMul', [rows, b.constant([count, 32], undefined, 0.3)]);
  const [moved = ''] = b.node('Add', [b.constant([32], undefined, 0.1), wide]);
  const [narrow = ''] = b.node('MatMul', [b.silu(moved), b.constant([32, count], undefined, 0.3)]);
  const [sum = ''] = b.node('Add', [rows, narrow]);
  const [mean = ''] = b.node('ReduceMean', [sum], { axes: [-1], keepdims: 1 });
  const [centred = ''] = b.node('Sub', [sum, mean]);
  const picture = shaped(b, turned(b, centred, [0, 2, 1]), [1, count, size, size]);
  b.channels.set(picture, count);
  return b.relu(b.conv(picture, 24));
}

function shuffle(b: GraphBuilder, at: string, size: number): string {
  const count = b.channels.get(at) ?? 0;
  const pairs = shaped(b, at, [1, 2, count / 2, size, size]);
  const mixed = shaped(b, turned(b, pairs, [0, 2, 1, 3, 4]), [1, -1, size, size]);
  b.channels.set(mixed, count);
  return b.concat([mixed, b.relu(b.conv(mixed, 16))]);
}

/** Even and odd channels, as FastestDet takes them apart. */
function halves(b: GraphBuilder, at: string, size: number): readonly [string, string] {
  const count = b.channels.get(at) ?? 0;
  const pairs = turned(b, shaped(b, at, [count / 2, 2, size * size]), [1, 0, 2]);
  const stacked = shaped(b, pairs, [2, -1, count / 2, size, size]);
  const [even = '', odd = ''] = [0, 1].map((half) => {
    const index = `half_${half}_${b.graph.nodes.length}`;
    b.graph.setInitializer(int64Tensor(index, [], [half]));
    const [value = ''] = b.node('Gather', [stacked, index], { axis: 0 });
    b.channels.set(value, count / 2);
    return value;
  });
  return [even, odd];
}

function upConv(b: GraphBuilder, at: string, outputs: number): string {
  const weight = b.constant([b.channels.get(at) ?? 0, outputs, 2, 2], undefined, 0.3);
  const [value = ''] = b.node('ConvTranspose', [at, weight, b.constant([outputs])], {
    kernel_shape: [2, 2],
    strides: [2, 2],
  });
  b.channels.set(value, outputs);
  return b.relu(value);
}

/** A random network of the operators of the detectors; every channel count is a multiple of 8. */
function build(list: readonly Step[], seed: number): Graph {
  const b = new GraphBuilder([1, 3, 12, 12], seed);
  const width = (value: string) => b.channels.get(value) ?? 0;
  let at = b.silu(b.conv('x', 16, 3));
  let size = 12;
  for (const step of list) {
    if (step === 'conv') at = b.relu(b.conv(at, 16 + 8 * (seed % 3), 3));
    else if (step === 'depthwise') at = b.relu(b.conv(at, width(at), 3, width(at)));
    else if (step === 'grouped') at = b.relu(b.conv(at, 32, 1, 2));
    else if (step === 'residual') {
      const [sum = ''] = b.node('Add', [at, b.silu(b.conv(b.relu(b.conv(at, 16)), width(at), 3))]);
      at = sum;
    } else if (step === 'concat') at = b.concat([at, b.relu(b.conv(at, 16))]);
    else if (step === 'split') {
      const count = width(at);
      const name = `sizes_${b.graph.nodes.length}`;
      b.graph.setInitializer(int64Tensor(name, [2], [8, count - 8]));
      const [left = '', right = ''] = b.node('Split', [at, name], { axis: 1 }, 2);
      b.channels.set(left, 8);
      b.channels.set(right, count - 8);
      at = b.concat([b.relu(b.conv(right, 16)), left]);
    } else if (step === 'slice') {
      const count = width(at);
      const key = `slice_${b.graph.nodes.length}`;
      b.graph.setInitializer(int64Tensor(`${key}_s`, [1], [8]));
      b.graph.setInitializer(int64Tensor(`${key}_e`, [1], [Number.MAX_SAFE_INTEGER]));
      b.graph.setInitializer(int64Tensor(`${key}_a`, [1], [1]));
      const [cut = ''] = b.node('Slice', [at, `${key}_s`, `${key}_e`, `${key}_a`]);
      b.channels.set(cut, count - 8);
      if (count > 8) at = b.relu(b.conv(cut, 24));
    } else if (step === 'norm') {
      const count = width(at);
      const raw = b.conv(at, count);
      const one = (offset: number) =>
        b.constant(
          [count],
          Float32Array.from({ length: count }, (_, i) => offset + i / 50),
        );
      at = b.node('BatchNormalization', [raw, one(0.5), one(-0.2), one(0.1), one(0.8)])[0] ?? '';
    } else if (step === 'gate') {
      const [pooled = ''] = b.node('GlobalAveragePool', [at]);
      const [gate = ''] = b.node('Sigmoid', [b.conv(b.relu(b.conv(pooled, 16)), width(at))]);
      at = b.node('Mul', [at, gate])[0] ?? '';
    } else if (step === 'pool') {
      at = b.node('MaxPool', [at], { kernel_shape: [3, 3], pads: [1, 1, 1, 1], strides: [1, 1] })[0] ?? '';
    } else if (step === 'scale') {
      at = b.node('Mul', [at, b.constant([width(at), 1, 1])])[0] ?? '';
    } else if (step === 'shrink' && size > 3) {
      at = b.relu(b.conv(at, 24, 3, 1, 2));
      size = Math.ceil(size / 2);
    } else if (step === 'pad') {
      // Channels in front and behind, and a pixel all around.
      const pads = `pads_${b.graph.nodes.length}`;
      b.graph.setInitializer(int64Tensor(pads, [8], [0, 3, 1, 1, 0, 5, 1, 1]));
      const [padded = ''] = b.node('Pad', [at, pads]);
      b.channels.set(padded, width(at) + 8);
      at = b.relu(b.conv(padded, 16));
      size += 2;
    } else if (step === 'attention') at = attention(b, at, size);
    else if (step === 'tokens') at = tokens(b, at, size);
    else if (step === 'shuffle') {
      at = shuffle(b, at, size);
    } else if (step === 'halves') {
      const [kept, worked] = halves(b, at, size);
      at = b.concat([kept, b.relu(b.conv(worked, 16))]);
    } else if (step === 'upconv' && size <= 12) {
      at = upConv(b, at, 16);
      size *= 2;
    } else if (step === 'resize' && size <= 12) {
      const scales = b.constant([4], Float32Array.of(1, 1, 2, 2));
      at =
        b.node('Resize', [at, '', scales], {
          mode: 'nearest',
          coordinate_transformation_mode: 'asymmetric',
          nearest_mode: 'floor',
        })[0] ?? '';
      size *= 2;
    }
  }
  return b.output(b.conv(at, 5));
}

describe('structured channel pruning', () => {
  it('gives what the original gives with the same channels read as zero, on random networks', async () => {
    let pruned = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...steps), { minLength: 1, maxLength: 7 }),
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.constantFrom(0.3, 0.5, 0.7),
        fc.constantFrom(1, 8),
        async (list, seed, ratio, multiple) => {
          const graph = build(list, seed);
          if (seed % 2 === 0) gatherShuffles(graph, await shapesOf(graph, runner));
          const map = new ChannelMap(graph, await shapesOf(graph, runner));
          const blocks = findBlocks(graph, map);
          const scores = scoreUnits(graph, map, 'l1');
          const gone = selectUnits(blocks, scores, { ratio, scope: 'layer', multiple, maxPerLayer: 0.8 });
          pruned += gone.size;
          const data = floats(3 * 12 * 12, seeded(seed));
          const input = { dataType: 1, dims: [1, 3, 12, 12], data };
          const small = await outputsOf(removeUnits(graph, map, gone), input);
          const zeroed = await outputsOf(withZeroed(graph, map, gone), input);
          const name = graph.proto.output[0]?.name ?? '';
          const scale = Math.max(1, ...(zeroed[name] ?? []).map(Math.abs));
          expect(largestDifference(small[name]!, zeroed[name]!) / scale).toBeLessThan(1e-4);
        },
      ),
      { numRuns: 80, seed: 7 },
    );
    expect(pruned).toBeGreaterThan(500);
  });

  it('keeps the channels that a Pad copies into its padding, and says why', async () => {
    const b = new GraphBuilder([1, 3, 12, 12], 3);
    const wide = b.relu(b.conv(b.relu(b.conv('x', 16, 3)), 16));
    b.graph.setInitializer(int64Tensor('pads', [8], [0, 2, 0, 0, 0, 2, 0, 0]));
    const [padded = ''] = b.node('Pad', [wide, 'pads'], { mode: 'reflect' });
    b.channels.set(padded, 20);
    const graph = b.output(b.conv(padded, 5));
    const map = new ChannelMap(graph, await shapesOf(graph, runner));
    const [first, second] = findBlocks(graph, map);
    expect(first?.reason).toBeUndefined();
    expect(second?.reason).toContain('Pad');
    const gone = selectUnits(findBlocks(graph, map), scoreUnits(graph, map, 'l1'), {
      ...{ ratio: 0.5, scope: 'layer', multiple: 1, maxPerLayer: 0.8 },
    });
    expect(gone.size).toBeGreaterThan(0);
    const input = { dataType: 1, dims: [1, 3, 12, 12], data: floats(3 * 12 * 12, seeded(1)) };
    const name = graph.proto.output[0]?.name ?? '';
    expect((await outputsOf(removeUnits(graph, map, gone), input))[name]).toHaveLength(5 * 12 * 12);
  });

  it('takes a shuffle apart, so that channels go one by one, and says what cannot', async () => {
    const b = new GraphBuilder([1, 3, 12, 12], 5);
    let at = b.relu(b.conv('x', 32, 3));
    for (let block = 0; block < 4; block += 1) {
      const [kept, worked] = halves(b, at, 12);
      at = b.concat([kept, b.relu(b.conv(worked, 16))]);
    }
    const last = b.conv(at, 16);
    const [scores = ''] = b.node('Softmax', [last], { axis: 1 });
    const graph = b.output(b.conv(scores, 5));
    const free = async (followed: Graph) => {
      const blocks = findBlocks(followed, new ChannelMap(followed, await shapesOf(followed, runner)));
      return {
        units: blocks.flatMap(({ units, reason }) => (reason === undefined ? units : [])).length,
        reasons: blocks.flatMap(({ reason }) => reason ?? []),
      };
    };
    const tied = await free(graph);
    expect(gatherShuffles(graph, await shapesOf(graph, runner))).toBe(true);
    expect(graph.nodes.some(({ opType }) => opType === 'Reshape')).toBe(false);
    const loose = await free(graph);
    expect(loose.units).toBe(32 + 4 * 16);
    expect(tied.units).toBeLessThan(loose.units / 2);
    expect(loose.reasons).toEqual([
      expect.stringMatching(/^Softmax .* computes along it$/),
      'it is an output of the model',
    ]);
  });
});
