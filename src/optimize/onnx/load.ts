import { InputError } from '../../base/index.ts';
import { refuseTooLarge } from '../../model/index.ts';
import { subgraphs } from './attributes.ts';
import { decodeModel, encodeModel } from './codec.ts';
import { Graph } from './graph.ts';
import type { GraphProto, ModelProto, TensorProto } from './types.ts';

/** Reads an ONNX file. Refuses with words: not ONNX, external data, more than 2 GB, values without a producer. */
export function loadModel(bytes: Uint8Array): Graph {
  refuseTooLarge(bytes.length);
  let model: ModelProto;
  try {
    model = decodeModel(bytes);
  } catch (error) {
    throw new InputError(
      'onnx-corrupt',
      `The file is not an ONNX model: ${error instanceof Error ? error.message : String(error)}.`,
      'Check that it was copied whole, or export it again.',
      { cause: error },
    );
  }
  if (model.graph === undefined || model.opsetImport.length === 0) {
    throw new InputError(
      'onnx-corrupt',
      'The file is not an ONNX model: it has no graph or names no operator set.',
      'Check that it was copied whole, or export it again.',
    );
  }
  const graph = new Graph(model);
  refuseExternalData(model.graph);
  checkWiring(graph);
  return graph;
}

export function saveModel(graph: Graph): Uint8Array<ArrayBuffer> {
  const bytes = encodeModel(graph.model);
  refuseTooLarge(bytes.length);
  return bytes;
}

/** A copy that shares no mutable part with the original. */
export function cloneGraph(graph: Graph): Graph {
  return new Graph(decodeModel(encodeModel(graph.model)));
}

function allTensors(graph: GraphProto): TensorProto[] {
  return [
    ...graph.initializer,
    ...graph.node.flatMap((node) => [
      ...node.attribute.flatMap((item) => (item.t === undefined ? item.tensors : [item.t, ...item.tensors])),
      ...subgraphs(node).flatMap(allTensors),
    ]),
  ];
}

function refuseExternalData(graph: GraphProto): void {
  const outside = allTensors(graph).filter(
    (tensor) => tensor.dataLocation === 1 || tensor.externalData.length > 0,
  );
  const first = outside[0];
  if (first === undefined) return;
  const location = first.externalData.find((entry) => entry.key === 'location')?.value ?? 'another file';
  throw new InputError(
    'onnx-external-data',
    `The model stores ${outside.length === 1 ? '1 tensor' : `${outside.length} tensors`} in another file: ${first.name ?? 'one'} is in ${location}.`,
    'Put them into the model first: onnx.save(onnx.load(path), path, save_as_external_data=False).',
  );
}

function checkWiring(graph: Graph): void {
  const known = new Set(['', ...graph.proto.input.map((input) => input.name ?? '')]);
  for (const tensor of graph.proto.initializer) known.add(tensor.name ?? '');
  for (const node of graph.nodes) {
    const missing = node.input.find((input) => !known.has(input));
    if (missing !== undefined) {
      throw new InputError(
        'onnx-wiring',
        `Node ${node.name || node.opType} reads ${missing}, which no earlier node produces.`,
        'Export the model again.',
      );
    }
    for (const output of node.output) {
      if (output !== '' && known.has(output)) {
        throw new InputError(
          'onnx-wiring',
          `The value ${output} is produced twice.`,
          'Export the model again.',
        );
      }
      known.add(output);
    }
  }
  for (const output of graph.proto.output) {
    if (!known.has(output.name ?? '')) {
      throw new InputError(
        'onnx-wiring',
        `No node produces the output ${output.name}.`,
        'Export the model again.',
      );
    }
  }
}
