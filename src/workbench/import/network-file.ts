import { basename } from 'node:path';
import { digestOf } from '../../adapters/filesystem/index.ts';
import { inspectOnnx, type OnnxInspection, readOnnx } from '../../adapters/onnxruntime/index.ts';
import { InputError } from '../../base/index.ts';
import { describeShape } from '../../model/index.ts';
import {
  cloneGraph,
  exposeValue,
  loadModel,
  normalizesItself,
  poolEmbedding,
  saveModel,
} from '../../optimize/index.ts';

/** An ONNX file as a bundle takes it. */
export interface NetworkFile {
  readonly bytes: Uint8Array;
  readonly network: OnnxInspection;
  /** Of the file as the user has it. */
  readonly sourceDigest: string;
  /** Output for the embedding, where one was asked for. */
  readonly embedding: string | undefined;
}

/** `embedding`: a feature map that gets an output of its own, or an output that is pooled already. */
export async function readNetwork(file: string, embedding: string | undefined): Promise<NetworkFile> {
  const name = basename(file);
  const source = await readOnnx(file);
  const sourceDigest = digestOf(source);
  const { model, output } =
    embedding === undefined
      ? { model: source, output: undefined }
      : await withEmbedding(source, name, embedding);
  const network = { ...(await inspectOnnx(model, name)), normalizes: normalizesItself(model) };
  return { bytes: model, network, sourceDigest, embedding: output };
}

/** The network with an output 1 x C for the embedding: `value` pooled over the picture, or as it is where it is that. */
export async function withEmbedding(
  model: Uint8Array,
  name: string,
  value: string,
): Promise<{ readonly model: Uint8Array; readonly output: string }> {
  const graph = loadModel(model);
  const probe = cloneGraph(graph);
  exposeValue(probe, value);
  const { outputs } = await inspectOnnx(saveModel(probe), name);
  const shape = outputs.find((output) => output.name === value)?.shape ?? [];
  if (shape.length === 2 && graph.isOutput(value)) return { model, output: value };
  const channels = shape[1];
  if (shape.length !== 4 || typeof channels !== 'number') {
    throw new InputError(
      'embedding-shape',
      `The tensor "${value}" is ${describeShape(shape)}; an embedding is pooled from a feature map 1xCxHxW.`,
      'Name the output of a convolution, or of its activation, in the backbone.',
    );
  }
  const output = poolEmbedding(graph, value, channels);
  return { model: saveModel(graph), output };
}
