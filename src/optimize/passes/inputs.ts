import { InputError } from '../../base/index.ts';
import type { Graph } from '../onnx/graph.ts';
import { sizeOf } from '../onnx/tensor.ts';
import { dataTypes, type TensorProto, type ValueInfoProto } from '../onnx/types.ts';
import type { RunTensor } from '../runner.ts';

export interface StaticInput {
  readonly name: string;
  readonly dims: readonly number[];
  readonly dataType: number;
}

/**
 * The fed inputs with their sizes. A symbolic batch (first dimension) becomes 1, since a device runs one picture;
 * any other open dimension is refused, because calibration and folding need to know it.
 */
export function requireStaticInputs(graph: Graph): StaticInput[] {
  return graph.inputs().map((input) => {
    const type = input.type?.tensorType;
    const dims = type?.shape?.dim;
    const name = input.name ?? '';
    if (type === undefined || dims === undefined) throw dynamic(name, 'has no shape');
    dims.forEach((dim, at) => {
      if (Number(dim.dimValue ?? 0n) > 0) return;
      if (at > 0) throw dynamic(name, `has the open shape ${describe(input)}`);
      delete dim.dimParam;
      dim.dimValue = 1n;
      fixOutputBatch(graph);
    });
    return {
      name,
      dims: dims.map((dim) => Number(dim.dimValue)),
      dataType: type.elemType ?? dataTypes.float,
    };
  });
}

/** Gives the sides behind the batch of the input that is the picture a size. */
export function fixPictureSize(graph: Graph, sides: readonly number[]): void {
  const shapes = graph.inputs().map((input) => input.type?.tensorType?.shape?.dim ?? []);
  const dims = shapes.find((shape) => shape.length === 4) ?? shapes[0] ?? [];
  for (const [i, dim] of dims.slice(1).entries()) {
    delete dim.dimParam;
    dim.dimValue = BigInt(sides[i] ?? 1);
  }
  // What an exporter wrote of other values may name sides that are none any more; the engine infers them.
  graph.proto.valueInfo = [];
  for (const output of graph.proto.output)
    for (const dim of output.type?.tensorType?.shape?.dim.slice(1) ?? []) delete dim.dimParam;
  graph.changed();
}

/** Gives a further input the values that it has for every picture: it is a constant then, and can be folded. */
export function bindInput(graph: Graph, tensor: TensorProto): void {
  graph.proto.input = graph.proto.input.filter(({ name }) => name !== tensor.name);
  graph.setInitializer(tensor);
}

/** All zeros: enough where only shapes matter. */
export function zeroInputs(graph: Graph): Record<string, RunTensor> {
  return Object.fromEntries(
    requireStaticInputs(graph).map(({ name, dims, dataType }) => {
      const make = dataType === dataTypes.uint8 ? Uint8Array : Float32Array;
      return [name, { dataType, dims, data: new make(sizeOf(dims)) }];
    }),
  );
}

/** An old name of the batch would contradict what the engine infers. */
function fixOutputBatch(graph: Graph): void {
  for (const output of graph.proto.output) {
    const batch = output.type?.tensorType?.shape?.dim[0];
    if (batch?.dimParam === undefined) continue;
    delete batch.dimParam;
    batch.dimValue = 1n;
  }
}

function describe(input: ValueInfoProto): string {
  const dims = input.type?.tensorType?.shape?.dim ?? [];
  return dims.map((dim) => dim.dimParam ?? dim.dimValue ?? '?').join(' x ');
}

function dynamic(name: string, what: string): InputError {
  return new InputError(
    'onnx-dynamic',
    `The input ${name} ${what}; only models with a fixed picture size can be optimized.`,
    'Export with a fixed size (no dynamic_axes), or fix it: python3 -m onnxruntime.tools.make_dynamic_shape_fixed.',
  );
}
