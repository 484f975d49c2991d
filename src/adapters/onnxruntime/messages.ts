import type { InputContract, OutputContract } from '../../model/index.ts';
import type { DetectionSettings, DetectorResult, Image } from '../../perception/index.ts';

/** Everything the worker needs to load its network; travels once, as `workerData`. */
export interface NetworkOptions {
  /** Path of the ONNX file, or its bytes where the plaintext must not be on the disk. */
  readonly model: string | Uint8Array;
  /** How the model is called in messages. */
  readonly modelName: string;
  readonly input: InputContract;
  readonly output: OutputContract;
  readonly labels: readonly string[];
  readonly threads: number;
  readonly multiLabel: boolean;
  /** Boxes that go into NMS at most; absent: the default of perception. */
  readonly maxCandidates?: number;
  /** URL of a module with `decodeJpeg(bytes)`; without it jpeg frames are refused. */
  readonly jpegDecoderModule?: string;
}

/** What a JPEG decoder module exports. */
export interface JpegDecoderModule {
  decodeJpeg(bytes: Uint8Array): Promise<Image>;
}

export type ToWorker =
  | {
      readonly kind: 'detect';
      readonly id: number;
      /** `data` lies in shared memory. */
      readonly image: Image;
      readonly settings: DetectionSettings;
    }
  | { readonly kind: 'close' };

/** An error as plain data: classes do not survive the way between threads. */
export interface ErrorMessage {
  readonly family: 'input' | 'missing' | 'limit' | 'internal';
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

export type FromWorker =
  | { readonly kind: 'ready'; readonly loadMs: number; readonly warmUpMs: number }
  | { readonly kind: 'failed'; readonly error: ErrorMessage }
  | {
      readonly kind: 'result';
      readonly id: number;
      readonly result: DetectorResult;
      readonly invalid: number;
    }
  | { readonly kind: 'refused'; readonly id: number; readonly error: ErrorMessage };
