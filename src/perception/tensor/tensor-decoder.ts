import type { Json, RawTensor } from '../detection.ts';
import type { LetterboxGeometry } from '../preprocess/geometry.ts';

/** Facts about the picture that a module gets beside the outputs of the network. */
export interface DecodedPicture {
  readonly width: number;
  readonly height: number;
  /** Where it lies in the input of the network: x of the input = x of the picture * scaleX + offsetX. */
  readonly geometry: LetterboxGeometry & { readonly inputWidth: number; readonly inputHeight: number };
  readonly labels: readonly string[];
  /** Of the camera's settings. */
  readonly scoreThreshold: number;
}

export interface Decoded {
  readonly data: Json;
  readonly tookMs: number;
}

/**
 * Port: what a user's module makes of the outputs of a network. Rejects with an InputError where the module fails, takes too long
 * or says too much; the next picture goes on. Promises: test/contract/tensor-decoder.ts.
 */
export interface TensorDecoder {
  /** The tensors are given away. */
  decode(tensors: readonly RawTensor[], picture: DecodedPicture): Promise<Decoded>;
  close(): Promise<void>;
}
