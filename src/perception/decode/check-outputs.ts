import { InputError } from '../../base/index.ts';
import type { InputContract, OutputContract } from '../../model/index.ts';
import { type Decoder, defaultStrides, type TensorShape } from './decoder.ts';
import { decoders } from './table.ts';

/**
 * Throws an InputError that says in words why the outputs of a model do not fit its decoder; at import of a model and
 * again when an engine has been loaded. Sizes that the file leaves open (a name, -1) are taken on trust.
 */
export function checkOutputs(
  output: OutputContract,
  labels: readonly string[],
  input: Pick<InputContract, 'width' | 'height'>,
  tensors: readonly TensorShape[],
): void {
  const decoder: Decoder | undefined = decoders[output.decoder];
  if (decoder === undefined) {
    throw misfit(
      `The decoder "${String(output.decoder)}" is not known.`,
      `Use one of ${Object.keys(decoders).join(', ')}.`,
    );
  }
  if (output.tensors.length !== 1) {
    throw misfit(
      `The decoder ${output.decoder} reads one output, but ${output.tensors.length} are named: ${output.tensors.join(', ')}.`,
      'Export the model with its heads concatenated into one output, and name that one.',
    );
  }
  const name = output.tensors[0]!;
  const tensor = tensors.find((candidate) => candidate.name === name);
  if (tensor === undefined) {
    throw misfit(
      `The model has no output "${name}".`,
      `Its outputs are ${tensors.map((candidate) => `${candidate.name} (${shapeText(candidate)})`).join(', ') || 'none'}; name one of them.`,
    );
  }
  const said = `Output "${name}" is ${shapeText(tensor)}; the decoder ${output.decoder} needs ${decoder.layout} with C = ${labels.length} labels.`;
  const shape = tensor.dims.map(known);
  const wanted = decoder.axes ?? 3;
  if (shape.length !== wanted) {
    throw misfit(
      `${said} It has ${shape.length} axes where ${wanted} are needed.`,
      hint(shape, labels.length),
    );
  }
  if (shape[0]! > 1) {
    throw misfit(
      `${said} Its batch is ${shape[0]}.`,
      'Export the model with a batch of 1; frames of several cameras are batched by the engine, not by the model.',
    );
  }
  const problem = decoder.check(shape, labels.length, {
    input,
    strides: output.strides ?? defaultStrides,
  });
  if (problem !== undefined) throw misfit(`${said} ${problem}`, remedyFor(problem));
  if (output.embedding !== undefined) checkEmbedding(output.embedding, tensors);
}

/** The widest backbones have 1280 channels (yolov5x); what is larger is no pooled tensor. */
const mostEmbedding = 2048;

function checkEmbedding(name: string, tensors: readonly TensorShape[]): void {
  const tensor = tensors.find((candidate) => candidate.name === name);
  const remedy = 'Make the bundle again with `goshawk model import --embedding`.';
  if (tensor === undefined) throw misfit(`The model has no output "${name}" for the embedding.`, remedy);
  const [batch = 0, channels = 0] = tensor.dims.map(known);
  if (tensor.dims.length !== 2 || batch > 1 || channels > mostEmbedding) {
    throw misfit(
      `Output "${name}" is ${shapeText(tensor)}; an embedding is 1 x C with C up to ${mostEmbedding}.`,
      remedy,
    );
  }
}

function remedyFor(problem: string): string {
  const other = /^It looks like (\w+):/.exec(problem)?.[1];
  if (other !== undefined) return `Try --decoder ${other}.`;
  if (problem.includes('not the') || problem.includes('which fits')) {
    return 'Give the labels that the model was trained with, one line per class in the order of training.';
  }
  return 'Check the decoder, the input size and how the model was exported.';
}

function hint(shape: readonly number[], classCount: number): string {
  if (shape.length === 4 && shape[1] === 5 + classCount)
    return 'It looks like fastestdet: try --decoder fastestdet.';
  if (shape.length === 5) {
    return 'This is a raw head with anchors; export the model with its Detect layer so that boxes come out decoded.';
  }
  if (shape.length === 2 && (shape[1] === 6 || shape[1] === 7)) {
    return 'This looks like boxes after NMS; export the model with a batch of 1 (1 x N x 6, --decoder yolov10), or without NMS.';
  }
  return 'Check the decoder and how the model was exported.';
}

function known(size: number | string | bigint | null): number {
  const value = Number(size ?? 0);
  return Number.isInteger(value) && value > 0 ? value : 0;
}

function shapeText(tensor: TensorShape): string {
  return tensor.dims.length === 0 ? 'a single value' : tensor.dims.map((size) => size ?? '?').join(' x ');
}

function misfit(message: string, remedy: string): InputError {
  return new InputError('model-output', message, remedy);
}
