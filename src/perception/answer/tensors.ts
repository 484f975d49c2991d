import type { Answer, RawTensor } from '../detection.ts';
import { meanRow, strideOf } from './task-answer.ts';

const names = ['tensor_mean', 'log_tensor_spread', 'not_finite'] as const;
const mostSamples = 1024;

/** How large the values of outputs as they are are, how they spread, and how many are no numbers: a mean over the outputs. */
export function answerOfTensors(tensors: readonly RawTensor[]): Answer {
  return { names, values: meanRow(tensors.map(measure), names.length) };
}

/** As a logarithm where it is large. */
function measure({ data, dims }: RawTensor, _: number, { length }: readonly RawTensor[]): number[] {
  const stride = strideOf(data.length, dims.at(-1) ?? 1, mostSamples / length);
  let [count, sum, squares, looked] = [0, 0, 0, 0];
  for (let i = 0; i < data.length; i += stride, looked++) {
    const value = Number(data[i]!);
    if (!Number.isFinite(value)) continue;
    count++;
    sum += value;
    squares += value * value;
  }
  const mean = sum / count;
  const spread = Math.sqrt(Math.max(0, squares / count - mean * mean));
  return [Math.asinh(mean), Math.log(spread + 1e-6), 1 - count / looked];
}
