import { intAttribute, intsAttribute, makeNode } from '../onnx/attributes.ts';
import type { Graph } from '../onnx/graph.ts';
import { int64Tensor, integerData, sizeOf } from '../onnx/tensor.ts';
import type { NodeProto } from '../onnx/types.ts';
import { removeDeadEnds } from '../passes/dead-ends.ts';
import { positiveAxis } from './follow/step.ts';
import { strides } from './layers.ts';
import type { Shapes } from './shapes.ts';

/** Values that are more than this stay as they are. */
const largestValue = 8_000_000;

/**
 * A channel shuffle (Reshape, Transpose, Reshape, perhaps a Gather of one half) becomes a Gather that says where each
 * channel comes from: channels are then pruned one by one. Left as it is, a shuffle ties each channel to others, and after
 * some blocks all to all. What the layout operators do is tried on the numbers of the elements.
 */
export function gatherShuffles(graph: Graph, shapes: Shapes): boolean {
  let changed = false;
  for (const node of [...graph.nodes]) {
    const [input = ''] = node.input;
    const dims = shapes.get(input) ?? [];
    if (node.opType !== 'Reshape' || dims.length !== 4 || dims[0] !== 1 || sizeOf(dims) > largestValue)
      continue;
    const start = Int32Array.from({ length: sizeOf(dims) }, (_, i) => i);
    for (const { value, channels } of shuffled(graph, shapes, node, start, dims)) {
      const name = graph.fresh(`${value}_channels`);
      graph.setInitializer(int64Tensor(name, [channels.length], channels));
      const at = graph.nodes.findIndex((item) => item.output.includes(value));
      const old = graph.nodes[at];
      if (old === undefined) continue;
      // The old node gets a separate name for its unused output.
      old.output = old.output.map((output) => (output === value ? graph.fresh(`${value}_shuffled`) : output));
      const gather = makeNode('Gather', graph.fresh(`${value}_shuffle`), [input, name], [value], { axis: 1 });
      graph.proto.node.splice(at, 0, gather);
      graph.changed();
      changed = true;
    }
  }
  if (changed) removeDeadEnds(graph);
  return changed;
}

interface Shuffled {
  readonly value: string;
  /** Where each channel comes from. */
  readonly channels: readonly number[];
}

/** Pictures that come out of `node` and the layout operators behind it, and are whole channels in another order. */
function shuffled(
  graph: Graph,
  shapes: Shapes,
  node: NodeProto,
  elements: Int32Array,
  start: readonly number[],
  turned = false,
): Shuffled[] {
  return node.output.flatMap((value, output): Shuffled[] => {
    const dims = shapes.get(value);
    const moved = dims && move(graph, shapes, node, elements, output);
    if (moved === undefined || dims === undefined) return [];
    const turns = turned || node.opType === 'Transpose';
    const channels =
      turns && graph.consumers(value).length > 0 ? wholeChannels(moved, dims, start) : undefined;
    if (channels !== undefined) return [{ value, channels }];
    return graph.consumers(value).flatMap((reader) => shuffled(graph, shapes, reader, moved, start, turns));
  });
}

function wholeChannels(
  elements: Int32Array,
  dims: readonly number[],
  start: readonly number[],
): number[] | undefined {
  const [, , height = 1, width = 1] = start;
  if (dims.length !== 4 || dims[0] !== 1 || dims[2] !== height || dims[3] !== width) return undefined;
  const area = height * width;
  const channels = Array.from({ length: dims[1] ?? 0 }, (_, c) => (elements[c * area] ?? 0) / area);
  const whole = elements.every(
    (element, i) => element === (channels[Math.floor(i / area)] ?? 0) * area + (i % area),
  );
  return whole ? channels : undefined;
}

/** What a layout operator makes of its input; undefined for any other. */
function move(
  graph: Graph,
  shapes: Shapes,
  node: NodeProto,
  elements: Int32Array,
  output: number,
): Int32Array | undefined {
  const dims = shapes.get(node.input[0] ?? '') ?? [];
  if (node.opType === 'Reshape' || node.opType === 'Squeeze' || node.opType === 'Unsqueeze') return elements;
  if (node.opType === 'Transpose') {
    const perm = intsAttribute(node, 'perm') ?? dims.map((_, i) => dims.length - 1 - i);
    return transposed(elements, dims, perm);
  }
  if (node.opType !== 'Gather' && node.opType !== 'Split') return undefined;
  const axis = positiveAxis(intAttribute(node, 'axis', 0), dims.length);
  const side = dims[axis] ?? 0;
  if (node.opType === 'Gather') {
    const indices = graph.initializer(node.input[1] ?? '');
    if (indices === undefined || indices.dims.length > 1) return undefined;
    return taken(
      elements,
      dims,
      axis,
      integerData(indices).map((index) => positiveAxis(index, side)),
    );
  }
  const sides = node.output.map((name) => shapes.get(name)?.[axis] ?? 0);
  const from = sizeOfFirst(sides, output);
  return taken(
    elements,
    dims,
    axis,
    Array.from({ length: sides[output] ?? 0 }, (_, i) => from + i),
  );
}

function sizeOfFirst(sides: readonly number[], count: number): number {
  return sides.slice(0, count).reduce((sum, side) => sum + side, 0);
}

function transposed(elements: Int32Array, dims: readonly number[], perm: readonly number[]): Int32Array {
  const steps = perm.map((axis) => strides(dims, axis).inner);
  const sides = perm.map((axis) => dims[axis] ?? 1);
  const place = sides.map(() => 0);
  let from = 0;
  return elements.map(() => {
    const element = elements[from] ?? 0;
    for (let axis = sides.length - 1; axis >= 0; axis -= 1) {
      place[axis]! += 1;
      from += steps[axis] ?? 0;
      if (place[axis]! < (sides[axis] ?? 1)) break;
      from -= (steps[axis] ?? 0) * (sides[axis] ?? 1);
      place[axis] = 0;
    }
    return element;
  });
}

function taken(
  elements: Int32Array,
  dims: readonly number[],
  axis: number,
  places: readonly number[],
): Int32Array {
  const { outer, size, inner } = strides(dims, axis);
  const result = new Int32Array(outer * places.length * inner);
  for (let o = 0; o < outer; o += 1)
    places.forEach((place, p) => {
      const from = (o * size + place) * inner;
      result.set(elements.subarray(from, from + inner), (o * places.length + p) * inner);
    });
  return result;
}
