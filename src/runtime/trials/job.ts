import type { AddonName } from '../../../device/native/index.ts';
import type { EngineChoice } from '../../agent/index.ts';
import type { EngineName, GoldenDetection, VariantKind } from '../../model/index.ts';
import type { PictureChange } from '../../perception/index.ts';
import type { PackedError } from '../../platform/index.ts';
import type { RosAdapter } from '../ros/adapter-order.ts';
import type { SourceRequest } from '../sources/open-source.ts';

/* What a program and the process that tries one thing for it say to each other, as JSON. */

/** Loads addons one after the other. */
export interface LoadJob {
  readonly kind: 'load';
  readonly addons: readonly AddonName[];
}
export interface LoadOutcome {
  /** Those that do not load, with the words of the loader. */
  readonly problems: readonly { readonly addon: AddonName; readonly error: PackedError }[];
}

/** Opens a camera as an agent does, until so many frames came. */
export interface FramesJob extends Pick<SourceRequest, 'username' | 'passwordFile' | 'fps' | 'seed'> {
  readonly kind: 'frames';
  readonly source: string;
  readonly frames: number;
  readonly waitMs: number;
  /** Give the last of them as JPEG, at most so wide. */
  readonly jpegWidth?: number;
}
export interface FramesOutcome {
  readonly frames: number;
  readonly width: number;
  readonly height: number;
  readonly encoding: string;
  /** From opening to the last of them. */
  readonly tookMs: number;
  /** base64; where it was asked for. */
  readonly jpeg?: string;
}

/** The same of a camera that the process itself plays, whose picture is known. */
export interface RtspJob extends Pick<FramesJob, 'frames' | 'waitMs'> {
  readonly kind: 'rtsp';
  readonly decoder: 'gstreamer' | 'ffmpeg';
}

/** Two nodes, and a message from one to the other. */
export interface RosJob {
  readonly kind: 'ros';
  readonly adapter: RosAdapter;
  readonly waitMs: number;
}
export interface RosOutcome {
  readonly carrier: string;
  readonly tookMs: number;
}

/** Opens the engine that an agent would take for a model; no plan is built for it. */
export interface ModelJob {
  readonly kind: 'model';
  readonly bundle: string;
  readonly engine: EngineChoice;
  readonly variant?: VariantKind;
  readonly isolate?: boolean;
}
export interface ModelOutcome {
  readonly name: string;
  readonly version: string;
  readonly engine: EngineName;
  readonly reason: string;
}

/** In the folder of the plans: what TensorRT says while it builds and runs. */
export const engineLogFile = 'tensorrt.log';

export interface EngineJob {
  readonly kind: 'engine';
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

/** What the network of a bundle finds on changed pictures of another one, or of the same. */
export interface AnswerJob {
  readonly kind: 'answers';
  /** Folders with the files of the bundles that are needed. */
  readonly bundle: string;
  readonly pictures: string;
  readonly challenges: readonly (PictureChange & { readonly frame: string })[];
  /** Boxes of an answer. */
  readonly most: number;
}
export interface AnswerOutcome {
  readonly answers: readonly (readonly GoldenDetection[])[];
}

interface Outcomes {
  readonly load: LoadOutcome;
  readonly frames: FramesOutcome;
  readonly rtsp: FramesOutcome;
  readonly ros: RosOutcome;
  readonly model: ModelOutcome;
  readonly engine: EngineOutcome;
  readonly answers: AnswerOutcome;
}

export type TrialJob = LoadJob | FramesJob | RtspJob | RosJob | ModelJob | EngineJob | AnswerJob;
export type OutcomeOf<Job extends TrialJob> = Outcomes[Job['kind']];

export type TrialReply =
  | { readonly ok: true; readonly outcome: Outcomes[keyof Outcomes] }
  | { readonly ok: false; readonly error: PackedError };
