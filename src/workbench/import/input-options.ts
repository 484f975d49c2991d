import { defined, InputError } from '../../base/index.ts';
import type { ContractOverrides, InputContract } from '../../model/index.ts';

/** What the user may say of a network's input and output that its file does not tell. */
export interface InputOptions {
  readonly inputSize?: { readonly width: number; readonly height: number };
  readonly color?: InputContract['colorOrder'];
  readonly scale?: number;
  readonly mean?: InputContract['mean'];
  readonly std?: InputContract['std'];
  readonly fit?: InputContract['fit'];
  readonly pad?: number;
  readonly output?: readonly string[];
  readonly strides?: readonly number[];
}

export function overridesOf(options: InputOptions): ContractOverrides {
  const { inputSize, color, scale, mean, std, fit, pad, output, strides } = options;
  if (pad !== undefined && pad > 255) {
    throw new InputError(
      'pad-range',
      `The pad is ${pad}; it is a grey value from 0 to 255.`,
      'The usual pad is 114.',
    );
  }
  return {
    ...inputSize,
    ...defined({ colorOrder: color, scale, mean, std, fit, pad, outputs: output, strides }),
  };
}
