import { OnnxruntimeGraphRunner } from '../../adapters/graph-runner/index.ts';
import { InputError } from '../../base/index.ts';
import { pictureSides } from '../../model/index.ts';
import {
  cloneGraph,
  confirmBatch,
  fixBatch,
  fixPictureSize,
  freeBatch,
  loadModel,
  requireStaticInputs,
  saveModel,
} from '../../optimize/index.ts';
import type { Contracts } from './choose-contracts.ts';

/** Pictures in one run of the network: any number, or one. */
export type BatchChoice = 'dynamic' | '1';

/** The network with its first dimension as it was chosen; throws where pictures would not be independent of each other. */
export async function withBatch(
  bytes: Uint8Array,
  choice: BatchChoice | undefined,
  { input }: Contracts,
): Promise<Uint8Array> {
  if (choice === undefined) return bytes;
  const graph = loadModel(bytes);
  // What is proved, and tried, is the network at the size that it runs with.
  fixPictureSize(graph, pictureSides(input));
  fixBatch(graph);
  const fixed = saveModel(graph);
  if (choice === '1') return fixed;
  const free = cloneGraph(graph);
  const reason = freeBatch(free);
  if (reason !== undefined) throw meeting(reason);
  const runner = new OnnxruntimeGraphRunner();
  try {
    const model = saveModel(free);
    const differs = await confirmBatch(fixed, model, requireStaticInputs(graph), runner);
    if (differs !== undefined) throw meeting(differs);
    return model;
  } finally {
    await runner.close();
  }
}

export function meeting(reason: string): InputError {
  return new InputError(
    'model-batch-fixed',
    `The network can't take several pictures per run: ${reason}.`,
    'Leave --batch out; it then runs one picture at a time.',
  );
}
