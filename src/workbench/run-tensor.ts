import { InputError } from '../base/index.ts';
import type { RunTensor } from '../optimize/index.ts';
import { type OutputTensor, outputTensor } from '../perception/index.ts';

/** ONNX's number of the type. */
const float16 = 10;

/** An output of a run as decoders read it. */
export function outputOf(name: string, tensor: RunTensor | undefined): OutputTensor {
  if (tensor === undefined) {
    throw new InputError(
      'model-output',
      `The model gave no output "${name}".`,
      'Check --decoder and the outputs of the model.',
    );
  }
  const { dataType, dims, data } = tensor;
  return outputTensor(name, dataType === float16 ? 'float16' : `type ${dataType}`, dims, data);
}
