import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { MissingError } from '../src/base/index.ts';
import { type DetectFrame, type DetectInNumbers, detectFrames } from './frame-call.ts';

export {
  type DdsAddon,
  type DdsEndpointOptions,
  type DdsHappening,
  type DdsParticipantHandle,
  type DdsReaderHandle,
  type DdsTaken,
  type DdsWriterHandle,
  ddsBuilt,
  loadDds,
  type Middleware,
} from './dds.ts';

/** The network's input as the addon reads it: the bundle's input contract, and int8. */
export interface NativeInput {
  readonly tensor: string;
  readonly width: number;
  readonly height: number;
  readonly layout: 'nchw' | 'nhwc';
  readonly dtype: 'float32' | 'float16' | 'uint8' | 'int8';
  readonly colorOrder: 'rgb' | 'bgr';
  readonly scale: number;
  readonly mean: readonly number[];
  readonly std: readonly number[];
  readonly fit: 'center' | 'top-left' | 'stretch';
  readonly pad: number;
}

export interface NativeDecoder {
  readonly kind: 'yolov5' | 'yolov8' | 'yolox' | 'fastestdet';
  readonly classCount: number;
  readonly strides?: readonly number[];
}

/** Width, height and step are not read for `jpeg`. */
export interface NativeImage {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly step: number;
  readonly encoding: string;
  /** Where `data` is not filled yet: what the ROS 2 addon gave with it. */
  readonly pieces?: object | undefined;
}

export interface NativeSettings {
  readonly scoreThreshold: number;
  readonly iouThreshold: number;
  readonly maxDetections: number;
  /** Candidates kept for NMS. */
  readonly maxCandidates: number;
  readonly multiLabel: boolean;
  /** One byte per class; absent: all. */
  readonly wanted?: Uint8Array;
}

export interface NativeDetections {
  /** Six numbers per detection, best first: class, score, x1, y1, x2, y2 in pixels of the frame. */
  readonly detections: Float64Array;
  /** Before the cap and NMS. */
  readonly candidates: number;
  /** Above the threshold, but NaN or infinite. */
  readonly invalid: number;
}

export interface NativeResult extends NativeDetections {
  readonly preprocessMs: number;
  readonly inferMs: number;
  readonly postprocessMs: number;
}

export interface NativeGeometry {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly sourceWidth: number;
  readonly sourceHeight: number;
}

export interface NativeTensor {
  readonly name: string;
  readonly dtype: string;
  readonly input: boolean;
  /** -1: dynamic. */
  readonly dims: readonly number[];
}

declare const engineBrand: unique symbol;
declare const detectorBrand: unique symbol;
export interface EngineHandle {
  readonly [engineBrand]: true;
}
export interface DetectorHandle {
  readonly [detectorBrand]: true;
}

export interface OpenEngine {
  /** Path of the plugin's library; see `pluginPath`. */
  readonly plugin: string;
  readonly deviceOptions: Readonly<Record<string, string>>;
  /** Path of the ONNX file or of the plan; or its bytes, which must not change until the promise settles. */
  readonly model: string | Uint8Array;
  readonly engineOptions: Readonly<Record<string, string>>;
}

export interface BuildPlan {
  readonly plugin: string;
  readonly deviceOptions: Readonly<Record<string, string>>;
  /** `shape.<input>`: `min,opt,max`, each like `1x3x640x640`, for every input with a free dimension. */
  readonly engineOptions: Readonly<Record<string, string>>;
  readonly onnx: string;
  readonly plan: string;
  /** Kept and used again by the next build; empty: none. */
  readonly timingCache: string;
  readonly workspaceBytes: number;
}

export interface CreateDetector {
  readonly input: NativeInput;
  readonly decoder: NativeDecoder;
  readonly outputTensor: string;
  /** Frames under way at once: contexts, buffer sets and threads. 1 to 64. */
  readonly slots: number;
  /** Frames that may wait for a slot. */
  readonly queue: number;
  /** Frames that one run takes at most, 1 to 16; default 1. More than 1 needs a free first dimension. */
  readonly maxBatch?: number;
  /** Milliseconds that a frame waits for others to run with; default 0. */
  readonly maxWaitMs?: number;
  /** From submit to result; 0: for ever. */
  readonly timeoutMs: number;
  readonly closeTimeoutMs: number;
  /** The engine's device was opened with the option `kernels` and does the letterbox. */
  readonly devicePreprocess: boolean;
  readonly warmUp: boolean;
}

/** What the .node file does. Failures are Errors with a `code` that starts with `native-`, or is `cancelled`. */
export interface NativeAddon {
  features(): { readonly simd: string; readonly jpegProblem: string; readonly abi: string };
  /** Lets go of every engine, blocking: before the process exits. */
  shutDown(): void;
  /** A deadly signal inside an engine appends "<signal> <plugin>" to this file, absolute; the process dies all the same. */
  noteCrashes(file: string): void;
  /** JSON text of the plugin: its version and the device. Opens the device for as long as that takes. */
  describeDevice(spec: Pick<OpenEngine, 'plugin' | 'deviceOptions'>): Promise<string>;
  openEngine(spec: OpenEngine): Promise<EngineHandle>;
  /** `engine` and `device` are JSON texts of the plugin. */
  describeEngine(engine: EngineHandle): {
    readonly engine: string;
    readonly device: string;
    readonly tensors: readonly NativeTensor[];
  };
  /** The engine itself ends with its last detector. */
  closeEngine(engine: EngineHandle): void;
  /** Blocks for minutes: for the process of native/build-plan.mjs only. */
  buildEngine(spec: BuildPlan & { readonly progressFd: number }): void;
  createDetector(engine: EngineHandle, spec: CreateDetector): Promise<DetectorHandle>;
  /** The pixels are read until the result settles: they must not change, and their buffer not be transferred. */
  readonly detect: DetectFrame;
  /** False: the frame has its result already. */
  cancel(detector: DetectorHandle, id: number): boolean;
  /** False: an engine did not answer in time, and a thread was left behind in it. */
  closeDetector(detector: DetectorHandle): Promise<boolean>;
  /** Slots whose engine has not answered although their frame timed out. */
  stuckSlots(detector: DetectorHandle): number;
  /**
   * One stage on the calling thread, for comparison and benchmarks. `keepPad`: nobody else writes to the destination
   * between two calls, as nobody writes to a detector's input: its padding is filled once.
   */
  letterbox(
    image: NativeImage,
    input: NativeInput,
    simd: 'best' | 'scalar',
    destination: Uint8Array,
    keepPad?: boolean,
  ): NativeGeometry;
  postprocess(
    data: Float32Array,
    dims: readonly number[],
    decoder: NativeDecoder,
    input: NativeInput,
    frame: { readonly width: number; readonly height: number },
    settings: NativeSettings,
  ): NativeDetections;
}

/** One line of the build's report. */
export interface BuildItem {
  readonly name: string;
  readonly state: 'compiled' | 'skipped' | 'failed';
  readonly detail: string;
  readonly remedy: string;
}

const folders = [
  path.join(import.meta.dirname, 'build'),
  path.join(import.meta.dirname, '../../native/build'),
];
/** From the sources it is beside this file; from dist/native it is beside dist. */
const buildFolder = folders.find((folder) => existsSync(path.join(folder, 'report.json'))) ?? folders[0]!;

/** What the last build on this machine made and why not the rest; empty where there was none. */
export function buildReport(): readonly BuildItem[] {
  const file = path.join(buildFolder, 'report.json');
  if (!existsSync(file)) return [];
  try {
    const report = JSON.parse(readFileSync(file, 'utf8')) as { items?: BuildItem[] };
    return report.items ?? [];
  } catch {
    return [];
  }
}

/** Where the plugin's library is, or undefined where it was not built. */
export function pluginPath(name: 'reference' | 'onnxruntime' | 'tensorrt'): string | undefined {
  const file = path.join(buildFolder, 'out', `goshawk_${name}.so`);
  return existsSync(file) ? file : undefined;
}

/** The compiled CUDA kernels for the tensorrt plugin's option `kernels`, or undefined where they were not built. */
export function kernelPath(): string | undefined {
  const file = path.join(buildFolder, 'out', 'letterbox.fatbin');
  return existsSync(file) ? file : undefined;
}

/** What a process that builds a plan is started with. */
export function planProcess(): { readonly script: string; readonly addon: string } {
  return {
    script: path.join(buildFolder, '../build-plan.mjs'),
    addon: path.join(buildFolder, 'out', 'goshawk.node'),
  };
}

const buildCommand = 'node native/build.mjs';
let loaded: NativeAddon | undefined;

/** The addon. Throws a MissingError that says why it is not there and what to do. */
export function loadNative(): NativeAddon {
  if (loaded !== undefined) return loaded;
  const file = path.join(buildFolder, 'out', 'goshawk.node');
  if (!existsSync(file)) throw notBuilt();
  let exported: Omit<NativeAddon, 'detect'> & { readonly detect: DetectInNumbers };
  try {
    exported = createRequire(import.meta.url)(file);
  } catch (cause) {
    throw doesNotLoad(file, cause);
  }
  const addon: NativeAddon = { ...exported, detect: detectFrames(exported.detect) };
  // process.exit tears no environment down, and ONNX Runtime must not outlive main().
  process.once('exit', () => addon.shutDown());
  loaded = addon;
  return addon;
}

function notBuilt(): MissingError {
  const item = buildReport().find(({ name }) => name === 'addon');
  return new MissingError(
    'native-not-built',
    item === undefined
      ? 'The native data plane has not been built on this machine.'
      : `The native data plane was not built: ${item.detail}.`,
    item?.remedy === undefined || item.remedy === ''
      ? `Run ${buildCommand}; Goshawk runs without it, on onnxruntime-node.`
      : `${item.remedy} Then run ${buildCommand}.`,
  );
}

function doesNotLoad(file: string, cause: unknown): MissingError {
  const words = cause instanceof Error ? cause.message : String(cause);
  let remedy = `Build it again on this machine: ${buildCommand} --force`;
  if (words.includes('GLIBCXX') || words.includes('GLIBC_')) {
    remedy = `It was built on a newer system than this one. ${remedy}`;
  } else if (
    words.includes('wrong ELF class') ||
    words.includes('invalid ELF') ||
    words.includes('cannot open')
  ) {
    remedy = `It was built for another processor, is damaged, or lacks a library it needs. ${remedy}`;
  }
  return new MissingError('native-load', `The native data plane ${file} does not load: ${words}`, remedy, {
    cause,
  });
}
