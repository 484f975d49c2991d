import { afterAll, describe, expect, it } from 'vitest';
import { withOutputs } from '../../../src/optimize/calibrate/collect.ts';
import { loadModel, type RunTensor } from '../../../src/optimize/index.ts';
import { floatTensor, sizeOf } from '../../../src/optimize/onnx/tensor.ts';
import { Relay } from '../../../src/optimize/prune/relay.ts';
import type { GraphRunner } from '../../../src/optimize/runner.ts';
import { floats, GraphBuilder, seeded } from '../../unit/optimize/graphs.ts';
import { largestDifference, outputsOf, runner } from './engine.ts';

afterAll(() => runner.close());

const dims = [1, 3, 8, 8];
const pictures = [1, 2].map(
  (seed): RunTensor => ({ dataType: 1, dims, data: floats(sizeOf(dims), seeded(seed)) }),
);
const samples = {
  name: 'two pictures',
  count: 2,
  input: async (at: number) => ({ x: pictures[at]! }),
};

function network() {
  const b = new GraphBuilder(dims, 5);
  const first = b.silu(b.conv('x', 8, 3));
  const second = b.silu(b.conv(first, 8));
  const third = b.concat([first, second]);
  return { graph: b.output(b.conv(third, 4)), values: ['x', first, second, third] };
}

describe('A relay through a network', () => {
  it('gives at every stop what a run of the whole network gives, and runs each node once', async () => {
    const { graph, values } = network();
    const ran: string[] = [];
    const counting: GraphRunner = {
      load(model, options) {
        ran.push(...loadModel(model).nodes.map(({ name }) => name ?? ''));
        return runner.load(model, options);
      },
      close: () => runner.close(),
    };
    const relay = new Relay(graph, counting, samples, 2);
    const whole = await Promise.all(
      pictures.map(async (picture) => ({
        x: picture.data,
        ...(await outputsOf(loadModel(withOutputs(graph, values)), picture)),
      })),
    );
    for (const value of values) {
      const given: number[] = [];
      await relay.advance(value, ({ data }, picture) => {
        const wanted = (whole[picture] as Record<string, Float32Array>)[value]!;
        given.push(largestDifference(data as Float32Array, wanted));
      });
      expect(given).toHaveLength(2);
      expect(Math.max(...given)).toBeLessThan(1e-5);
    }
    expect(ran).toHaveLength(new Set(ran).size);
    expect(ran).toHaveLength(graph.nodes.length - 1);
  });

  it('runs nodes to come with the weights that they have then', async () => {
    const { graph, values } = network();
    const [, first = '', second = ''] = values;
    const relay = new Relay(graph, runner, samples, 1);
    await relay.advance(first, () => {});
    const [, conv] = graph.nodes.filter(({ opType }) => opType === 'Conv');
    const weight = conv!.input[1]!;
    const sides = graph.constantDims(weight)!;
    graph.setInitializer(floatTensor(weight, sides, new Float32Array(sizeOf(sides))));
    const changed = await outputsOf(loadModel(withOutputs(graph, [second])), pictures[0]!);
    await relay.advance(second, ({ data }) => {
      expect(largestDifference(data as Float32Array, changed[second]!)).toBeLessThan(1e-6);
    });
    expect.assertions(1);
  });
});
