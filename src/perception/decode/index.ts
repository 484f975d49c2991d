import { InputError } from '../../base/index.ts';
import type { Candidates } from './candidates.ts';
import { checkOutputs } from './check-outputs.ts';
import type { DecodeContext, OutputTensor } from './decoder.ts';
import { decoders } from './table.ts';

export { Candidates } from './candidates.ts';
export { checkOutputs } from './check-outputs.ts';
export type { DecodeContext, Decoder, OutputTensor, TensorShape } from './decoder.ts';
export { unsupportedFamily } from './families.ts';
export { decoders } from './table.ts';

/** Candidates kept for NMS; the rest of a frame full of noise would only cost time. */
export const maxCandidates = 1000;

/**
 * Outputs of one run to candidates in input pixels, capped by score. `into` is cleared first. Shapes are checked on
 * every run: an engine that answers with others must not make us read beyond its buffer.
 * Returns how many candidates reached the threshold before the cap.
 */
export function decode(
  outputs: readonly OutputTensor[],
  context: DecodeContext,
  into: Candidates,
  cap: number = maxCandidates,
): number {
  into.clear();
  const name = context.output.tensors[0];
  const tensor = outputs.find((output) => output.name === name);
  const labels = { length: context.classCount } as readonly string[];
  if (tensor === undefined) {
    checkOutputs(context.output, labels, context.input, outputs);
    throw new InputError('model-output', `The engine gave no output "${name}".`, 'Import the model again.');
  }
  if (!fits(tensor, context)) {
    checkOutputs(context.output, labels, context.input, outputs);
    throw new InputError(
      'model-output',
      `Output "${name}" is ${tensor.dims.join(' x ')} and holds ${tensor.data.length} values.`,
      'The engine does not match the model; build it again.',
    );
  }
  decoders[context.output.decoder].decode(tensor, context, into);
  const found = into.count;
  into.cap(cap);
  return found;
}

function fits(tensor: OutputTensor, context: DecodeContext): boolean {
  let size = 1;
  for (const side of tensor.dims) {
    if (!(side > 0)) return false;
    size *= side;
  }
  const decoder = decoders[context.output.decoder];
  return (
    tensor.data.length === size &&
    tensor.dims[0] === 1 &&
    tensor.dims.length === (decoder.axes ?? 3) &&
    decoder.check(tensor.dims, context.classCount, {
      input: context.input,
      strides: context.output.strides ?? [8, 16, 32],
    }) === undefined
  );
}
