import { InputError } from '../../base/index.ts';
import type { Graph } from '../onnx/graph.ts';
import { dataTypes, type ValueInfoProto } from '../onnx/types.ts';

export const embeddingOutput = 'goshawk_embedding';

/** Makes a value inside of the network one of its outputs, of a type and shape that the engine infers. */
export function exposeValue(graph: Graph, value: string): void {
  if (graph.isOutput(value)) return;
  if (graph.producer(value) === undefined) throw unknownValue(graph, value);
  graph.proto.output.push({ name: value });
  graph.changed();
}

/**
 * Pools a feature map, 1 x C x H x W, over the picture, as an output 1 x C of its own: every engine then gives it as it
 * gives boxes, and copies C numbers per frame instead of the map. `channels`: C. Gives the output's name.
 */
export function poolEmbedding(graph: Graph, value: string, channels: number): string {
  const name = graph.fresh(embeddingOutput);
  const pooled = graph.fresh(`${name}_pooled`);
  graph.nodes.push(
    { input: [value], output: [pooled], name: pooled, opType: 'GlobalAveragePool', attribute: [] },
    // Axis 1 is the default: 1 x C x 1 x 1 becomes 1 x C.
    { input: [pooled], output: [name], name, opType: 'Flatten', attribute: [] },
  );
  const batch = graph.inputs()[0]?.type?.tensorType?.shape?.dim[0] ?? { dimValue: 1n };
  const described: ValueInfoProto = {
    name,
    type: {
      tensorType: {
        elemType: elementOf(graph),
        shape: { dim: [{ ...batch }, { dimValue: BigInt(channels) }] },
      },
    },
  };
  graph.proto.output.push(described);
  graph.changed();
  return name;
}

/** A network computes in one float type; its boxes come in it. */
function elementOf(graph: Graph): number {
  return graph.proto.output[0]?.type?.tensorType?.elemType ?? dataTypes.float;
}

function unknownValue(graph: Graph, value: string): InputError {
  const maps = graph.nodes.filter(({ opType }) => opType === 'Conv').map(({ output }) => output[0] ?? '');
  const deep = maps.slice(Math.floor(maps.length / 2), Math.floor(maps.length / 2) + 5);
  return new InputError(
    'embedding-tensor',
    `The network has no tensor "${value}".`,
    deep.length === 0
      ? 'Find its tensors with a viewer for ONNX files.'
      : `Name a feature map of its backbone; convolutions in the middle of this network give ${deep.join(', ')}.`,
  );
}
