import { InputError } from '../base/index.ts';
import type { InputTensor, Tensor } from './tensor.ts';

/** A request of either transport. */
export interface InferenceRequest {
  readonly model: string;
  /** Absent: the one that serves. */
  readonly version?: string;
  /** Given back with the answer. */
  readonly id?: string;
  readonly parameters: Parameters;
  readonly inputs: readonly InputTensor[];
  /** Names of those that are wanted; absent: all. */
  readonly outputs?: readonly string[];
}

export interface InferenceAnswer {
  readonly model: string;
  readonly version: string;
  readonly id?: string;
  readonly outputs: readonly Tensor[];
}

export type Parameters = Readonly<Record<string, string | number | boolean>>;

/** More of them would only cost time. */
export const mostTensors = 8;
export const mostParameters = 32;
export const longestText = 256;

export const invalid = (message: string, remedy: string): InputError =>
  new InputError('request-invalid', message, remedy);
