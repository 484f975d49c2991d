import type { EngineName, GoldenDetection, VariantKind } from '../../model/index.ts';

/* What the selftest and the process that tries one engine say to each other, as JSON. */

export interface EngineJob {
  /** Folder of the bundle. */
  readonly bundle: string;
  readonly engine: EngineName;
  readonly variant: VariantKind;
  /** A library that stands for TensorRT behind the same C ABI. */
  readonly plugin?: string;
  /** Where the plan is built, empty: to build it is a part of what is tried. */
  readonly plans: string;
  /** Frames in one run. */
  readonly maxBatch: number;
  readonly gpuPreprocess: boolean;
  /** How long frames are pushed through, milliseconds. */
  readonly measureMs: number;
}

export interface EngineOutcome {
  /** As the engine says it: `fp32`, `int8`, or mixed as `int8+fp32`. */
  readonly precision: string;
  /** Until the first frame could be taken, building included where there is something to build. */
  readonly openMs: number;
  /** The same once more, with the plan that was built; engines without plans have none. */
  readonly reopenMs?: number;
  /** Frames in one run that the model and the engine allowed. */
  readonly batch: number;
  readonly frames: number;
  readonly framesPerSecond: number;
  /** Preprocess, network and postprocess of a frame. */
  readonly p50Ms: number;
  readonly p95Ms: number;
  /** Of the bundle's golden set, where it has one. */
  readonly golden?: { readonly agreement: number; readonly least: number };
  /** What was found on each of the pictures. */
  readonly answers: readonly (readonly GoldenDetection[])[];
}

export type EngineReply =
  | { readonly ok: true; readonly outcome: EngineOutcome }
  | { readonly ok: false; readonly code: string; readonly message: string; readonly remedy: string };
