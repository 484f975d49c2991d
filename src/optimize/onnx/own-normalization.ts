import { tensorAttribute } from './attributes.ts';
import { decodeModel } from './codec.ts';
import { Graph } from './graph.ts';
import { tensorData } from './tensor.ts';
import { dataTypes, type NodeProto, type TensorProto } from './types.ts';

/** Change neither values nor their meaning. */
const passing = new Set([
  'Cast',
  'Transpose',
  'Identity',
  'Reshape',
  'Squeeze',
  'Unsqueeze',
  'Slice',
  'Gather',
]);
/** What brings 0..255 to about 0..1, -1..1, or a few deviations. */
const least = 1 / 512;
const most = 1 / 32;
/** A graph normalises with its first nodes. */
const farthest = 12;

/**
 * True where the network's first layers multiply or divide its picture by about 255, or subtract a mean of pixels: it wants
 * pixels 0..255, whatever its family was trained with.
 */
export function normalizesItself(model: Uint8Array): boolean {
  const graph = new Graph(decodeModel(model));
  const [input, ...more] = graph.inputs();
  if (input?.name === undefined || more.length > 0) return false;
  let value = input.name;
  let factor = 1;
  for (let step = 0; step < farthest; step++) {
    const [node, ...others] = graph.consumers(value);
    const output = node?.output[0];
    if (node === undefined || output === undefined || others.length > 0) return false;
    const known = constantsBeside(graph, node, value);
    if (node.opType === 'Mul' && known !== undefined) factor *= magnitude(known);
    else if (node.opType === 'Div' && known !== undefined && node.input[0] === value)
      factor /= magnitude(known);
    else if ((node.opType === 'Sub' || node.opType === 'Add') && known !== undefined) {
      // In 0..1 a mean is below 1; one of pixels is far above.
      if (factor === 1 && magnitude(known) > 8) return true;
    } else if (!passing.has(node.opType ?? '')) return false;
    if (factor >= least && factor <= most) return true;
    value = output;
  }
  return false;
}

/** The other operand, where it is a constant of floats. */
function constantsBeside(graph: Graph, node: NodeProto, value: string): readonly number[] | undefined {
  const name = node.input.find((one) => one !== value);
  if (name === undefined || node.input.length !== 2) return undefined;
  const tensor = graph.initializer(name) ?? heldBy(graph.producer(name));
  if (tensor === undefined) return undefined;
  if (tensor.dataType !== dataTypes.float && tensor.dataType !== dataTypes.double) return undefined;
  return Array.from(tensorData(tensor), Number);
}

function heldBy(node: NodeProto | undefined): TensorProto | undefined {
  return node?.opType === 'Constant' ? tensorAttribute(node, 'value') : undefined;
}

function magnitude(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + Math.abs(value), 0) / Math.max(1, values.length);
}
