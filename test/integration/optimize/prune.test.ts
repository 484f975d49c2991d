import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { cloneGraph } from '../../../src/optimize/index.ts';
import { intAttribute } from '../../../src/optimize/onnx/attributes.ts';
import type { Graph } from '../../../src/optimize/onnx/graph.ts';
import { dimsOf, floatData, floatTensor, int64Tensor } from '../../../src/optimize/onnx/tensor.ts';
import { removeUnits } from '../../../src/optimize/prune/apply.ts';
import { findBlocks, scoreUnits } from '../../../src/optimize/prune/blocks.ts';
import { ChannelMap, type Unit } from '../../../src/optimize/prune/channels.ts';
import { selectUnits } from '../../../src/optimize/prune/select.ts';
import { floats, GraphBuilder, seeded } from '../../unit/optimize/graphs.ts';
import { largestDifference, outputsOf, runner } from './engine.ts';

afterAll(() => runner.close());

/** Sets the weights that read a removed channel to zero: to what is behind them, the channel is gone. */
function withoutReaders(graph: Graph, map: ChannelMap, gone: ReadonlySet<Unit>): Graph {
  const copy = cloneGraph(graph);
  for (const node of copy.nodes) {
    const weight = node.opType === 'Conv' ? copy.initializer(node.input[1] ?? '') : undefined;
    const units = map.of(node.input[0] ?? '');
    if (weight === undefined || units === undefined) continue;
    const dims = dimsOf(weight);
    const [outputs = 1, perGroup = 1] = dims;
    const groups = intAttribute(node, 'group', 1);
    // A depthwise convolution hands the channel on; its own reader is what drops it.
    if (perGroup === 1 && groups > 1) continue;
    const data = floatData(weight);
    const kernel = data.length / (outputs * perGroup);
    for (let o = 0; o < outputs; o += 1) {
      const first = Math.floor(o / (outputs / groups)) * perGroup;
      for (let i = 0; i < perGroup; i += 1) {
        const unit = units[first + i];
        if (unit !== undefined && gone.has(unit)) {
          data.fill(0, (o * perGroup + i) * kernel, (o * perGroup + i + 1) * kernel);
        }
      }
    }
    copy.setInitializer(floatTensor(weight.name ?? '', dims, data));
  }
  return copy;
}

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
  | 'pad';

const steps: readonly Step[] = [
  ...(['conv', 'depthwise', 'grouped', 'residual', 'concat', 'split', 'slice'] as const),
  ...(['norm', 'gate', 'pool', 'scale', 'shrink', 'resize', 'pad'] as const),
];

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
      // Channels in front and behind, and a pixel at two sides.
      const pads = `pads_${b.graph.nodes.length}`;
      b.graph.setInitializer(int64Tensor(pads, [8], [0, 3, 1, 0, 0, 5, 1, 0]));
      const [padded = ''] = b.node('Pad', [at, pads]);
      b.channels.set(padded, width(at) + 8);
      at = b.relu(b.conv(padded, 16));
      size += 2;
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
          const map = new ChannelMap(graph);
          const blocks = findBlocks(graph, map);
          const scores = scoreUnits(graph, map, 'l1');
          const gone = selectUnits(blocks, scores, { ratio, scope: 'layer', multiple, maxPerLayer: 0.8 });
          pruned += gone.size;
          const data = floats(3 * 12 * 12, seeded(seed));
          const input = { dataType: 1, dims: [1, 3, 12, 12], data };
          const small = await outputsOf(removeUnits(graph, map, gone), input);
          const zeroed = await outputsOf(withoutReaders(graph, map, gone), input);
          const name = graph.proto.output[0]?.name ?? '';
          const scale = Math.max(1, ...(zeroed[name] ?? []).map(Math.abs));
          expect(largestDifference(small[name]!, zeroed[name]!) / scale).toBeLessThan(1e-4);
        },
      ),
      { numRuns: 60, seed: 7 },
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
    const map = new ChannelMap(graph);
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
});
