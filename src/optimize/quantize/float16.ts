import { halfBits } from '../../base/index.ts';
import { attribute, intAttribute, makeNode, setAttribute } from '../onnx/attributes.ts';
import type { Graph } from '../onnx/graph.ts';
import { cloneGraph } from '../onnx/load.ts';
import { floatData, makeTensor } from '../onnx/tensor.ts';
import { dataTypes, type NodeProto, type TensorProto } from '../onnx/types.ts';

/** Largest finite float16. */
const largest = 65504;

/** Inputs that an operator wants in float32 whatever the picture is: Resize's roi and scales, all of NonMaxSuppression. */
const alwaysFloat: ReadonlyMap<string, readonly number[]> = new Map([
  ['Resize', [1, 2]],
  ['NonMaxSuppression', [0, 1, 3, 4]],
]);

export interface Float16Result {
  readonly graph: Graph;
  /** Weights beyond float16's range, which were clipped to it. */
  readonly clipped: number;
}

/** The same graph in float16; inputs and outputs stay float32, so that nobody around it has to change. */
export function writeFloat16(graph: Graph): Float16Result {
  const copy = cloneGraph(graph);
  const keep = new Set(
    copy.nodes.flatMap((node) =>
      (alwaysFloat.get(node.opType ?? '') ?? []).map((at) => node.input[at] ?? ''),
    ),
  );
  let clipped = 0;
  const convert = (tensor: TensorProto): TensorProto => {
    const values = floatData(tensor);
    const bits = new Uint16Array(values.length);
    values.forEach((value, i) => {
      if (Math.abs(value) > largest) clipped += 1;
      bits[i] = halfBits(Math.max(-largest, Math.min(largest, value)));
    });
    return makeTensor(tensor.name ?? '', dataTypes.float16, tensor.dims.map(Number), bits);
  };
  copy.proto.initializer = copy.proto.initializer.map((tensor) =>
    tensor.dataType === dataTypes.float && !keep.has(tensor.name ?? '') ? convert(tensor) : tensor,
  );
  for (const node of copy.nodes) {
    if (node.opType === 'Cast' && intAttribute(node, 'to', 0) === dataTypes.float) {
      setAttribute(node, 'to', dataTypes.float16);
    }
    const value = attribute(node, 'value')?.t;
    if (value?.dataType === dataTypes.float) setAttribute(node, 'value', convert(value));
  }
  copy.changed();
  addCasts(copy);
  return { graph: copy, clipped };
}

/** Computed values that an operator wants in float32 are cast in front of it. */
function widenBack(graph: Graph): void {
  graph.proto.node = graph.nodes.flatMap((node) => {
    const casts: NodeProto[] = [];
    for (const at of alwaysFloat.get(node.opType ?? '') ?? []) {
      const value = node.input[at] ?? '';
      if (value === '' || graph.isConstant(value)) continue;
      const wide = graph.fresh(`${value}_wide_${node.output[0]}`);
      casts.push(makeNode('Cast', wide, [value], [wide], { to: dataTypes.float }));
      node.input[at] = wide;
    }
    return [...casts, node];
  });
  graph.changed();
}

function addCasts(graph: Graph): void {
  const before: NodeProto[] = [];
  const after: NodeProto[] = [];
  const half = (name: string) => `${name}_float16`;
  const inputs = new Set(
    graph
      .inputs()
      .filter((input) => input.type?.tensorType?.elemType === dataTypes.float)
      .map((input) => input.name ?? ''),
  );
  const outputs = new Set(
    graph.proto.output
      .filter((output) => (output.type?.tensorType?.elemType ?? dataTypes.float) === dataTypes.float)
      .map((output) => output.name ?? ''),
  );
  for (const name of inputs) {
    before.push(makeNode('Cast', half(name), [name], [half(name)], { to: dataTypes.float16 }));
  }
  for (const name of outputs) {
    after.push(makeNode('Cast', `${name}_float32`, [half(name)], [name], { to: dataTypes.float }));
  }
  widenBack(graph);
  for (const node of graph.nodes) {
    node.input = node.input.map((name) => (inputs.has(name) || outputs.has(name) ? half(name) : name));
    node.output = node.output.map((name) => (outputs.has(name) ? half(name) : name));
  }
  graph.proto.node = [...before, ...graph.nodes, ...after];
  graph.changed();
}
