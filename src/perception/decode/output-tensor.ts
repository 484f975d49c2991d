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
