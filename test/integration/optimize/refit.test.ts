import { afterAll, expect, it } from 'vitest';
import type { RunTensor } from '../../../src/optimize/index.ts';
import type { Graph } from '../../../src/optimize/onnx/graph.ts';
import { sizeOf } from '../../../src/optimize/onnx/tensor.ts';
import { defaultPruneSettings, pruneGraph } from '../../../src/optimize/prune/prune.ts';
import { floats, GraphBuilder, seeded } from '../../unit/optimize/graphs.ts';
import { outputsOf, runner } from './engine.ts';

afterAll(() => runner.close());

const dims = [1, 3, 32, 32];
const picture = (seed: number): RunTensor => ({
  dataType: 1,
  dims,
  data: floats(sizeOf(dims), seeded(seed)),
});
const samples = {
  name: 'eight pictures',
  count: 8,
  input: async (at: number) => ({ x: picture(at + 1) }),
};

function network(): Graph {
  const b = new GraphBuilder(dims, 5);
  const first = b.silu(b.conv('x', 32, 3, 1, 2));
  const second = b.silu(b.conv(first, 32, 3));
  return b.output(b.conv(b.concat([first, b.silu(b.conv(second, 32))]), 4));
}

it('a refit brings a pruned network nearer to the original, on a picture that it did not see', async () => {
  const graph = network();
  const options = { ...defaultPruneSettings.options, ratio: 0.4 };
  const error = async (refit: boolean) => {
    const settings = { ...defaultPruneSettings, options, refit };
    const pruned = await pruneGraph(graph, settings, runner, samples, () => {});
    expect(pruned.report.after).toBeLessThan(pruned.report.before);
    const [wanted, found] = await Promise.all(
      [graph, pruned.graph].map(async (net) => Object.values(await outputsOf(net, picture(99)))[0]!),
    );
    return wanted!.reduce((sum, value, i) => sum + (value - found![i]!) ** 2, 0);
  };
  expect(await error(true)).toBeLessThan(0.5 * (await error(false)));
});
