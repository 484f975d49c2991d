import type { Graph } from '../onnx/graph.ts';
import type { GraphRunner } from '../runner.ts';
import { foldBatchNorm } from './batchnorm.ts';
import { foldConstants } from './constants.ts';
import { removeDeadEnds } from './dead-ends.ts';
import { requireStaticInputs } from './inputs.ts';
import { refuseQuantized } from './refuse.ts';
import { upgradeOpset } from './upgrade.ts';

/** What every later pass relies on: static input, opset 13 or newer, constants as initializers, no loose ends. */
export async function prepareGraph(graph: Graph, runner: GraphRunner): Promise<void> {
  refuseQuantized(graph);
  requireStaticInputs(graph);
  upgradeOpset(graph);
  removeDeadEnds(graph);
  await foldConstants(graph, runner);
  foldBatchNorm(graph);
  removeDeadEnds(graph);
}
