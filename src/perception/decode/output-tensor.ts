import { floatsFromHalf, InputError } from '../../base/index.ts';
import type { RawTensor } from '../detection.ts';

/** One output of the network. */
export interface OutputTensor {
  readonly name: string;
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

/** Name and shape as a model file declares it; a size that is not a positive number is not known before the run. */
export interface TensorShape {
  readonly name: string;
  readonly dims: readonly (number | string | bigint | null)[];
}

/**
 * Values as an engine gives them, as floats; `type` as ONNX Runtime calls it. Of integers beyond 2^24 the last digits are lost:
 * class numbers and counts are far below.
 */
export function outputTensor(
  name: string,
  type: string,
  dims: readonly number[],
  data: unknown,
): OutputTensor {
  if (data instanceof Float32Array) return { name, dims, data };
  if (type === 'float16' && data instanceof Uint16Array) return { name, dims, data: floatsFromHalf(data) };
  if (data instanceof BigInt64Array || data instanceof BigUint64Array)
    return { name, dims, data: Float32Array.from(data as BigInt64Array, Number) };
  if (ArrayBuffer.isView(data) && !(data instanceof DataView))
    return { name, dims, data: Float32Array.from(data as Int32Array) };
  throw noNumbers(name, type);
}

/** Values as an engine gives them, with their type; they are not copied. */
export function rawTensor(name: string, type: string, dims: readonly number[], data: unknown): RawTensor {
  if (type === 'float16' && data instanceof Uint16Array)
    return { name, type: 'float32', dims, data: floatsFromHalf(data) };
  if (ArrayBuffer.isView(data) && !(data instanceof DataView))
    return { name, type, dims, data: data as RawTensor['data'] };
  throw noNumbers(name, type);
}

function noNumbers(name: string, type: string): InputError {
  return new InputError(
    'model-output-type',
    `Output "${name}" holds ${type}, which is no number.`,
    'Export the model with outputs of numbers.',
  );
}
