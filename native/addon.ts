/* What the addon takes and gives. */

/** The network's input as the addon reads it: the bundle's input contract, and int8. */
export interface NativeInput {
  readonly tensor: string;
  readonly width: number;
  readonly height: number;
  readonly layout: 'nchw' | 'nhwc';
  readonly dtype: 'float32' | 'float16' | 'uint8' | 'int8' | 'int32';
  readonly colorOrder: 'rgb' | 'bgr' | 'grey';
  readonly scale: number;
  readonly mean: readonly number[];
  readonly std: readonly number[];
  readonly fit: string;
  readonly pad: number;
  /** Fed with every picture. */
  readonly constants?: readonly {
    readonly tensor: string;
    readonly dtype: 'int64' | 'int32' | 'float32';
    readonly shape: readonly number[];
    readonly values: readonly number[];
  }[];
}

/** The bundle's record of how its network writes its outputs, as it is; the addon reads it and checks every field. */
export type NativeHead = object;

/** One output of a network. */
export interface NativeOutput {
  readonly name: string;
  readonly dims: readonly number[];
  readonly data: Float32Array;
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
  /** In place of `data`, which is empty: a picture in device memory, as GStreamer's addon gave it. */
  readonly device?: object | undefined;
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

/** An output as it is, but for half floats, which are widened. */
export interface NativeRawTensor {
  readonly type: 'float32' | 'uint8' | 'int8' | 'int32' | 'int64' | 'bool';
  readonly dims: readonly number[];
  readonly data: Float32Array | Uint8Array | Int8Array | Int32Array | BigInt64Array;
}

export interface NativeDetections {
  /** Six numbers per detection, best first: class, score, x1, y1, x2, y2 in pixels of the frame. */
  readonly detections: Float64Array;
  /** Three numbers per point: x, y, score; as many points per detection as the head has. Absent: it has none. */
  readonly points?: Float64Array;
  /** Of a head with angles, five numbers per detection: centre, size, angle. */
  readonly rotated?: Float64Array;
  /** Of a head that has masks, where something was found. */
  readonly masks?: {
    /** Six numbers per detection: x, y, width and height of a cell in pixels of the frame, columns, rows. */
    readonly shapes: Float64Array;
    /** 0..255 per cell, row by row, one mask after the other. */
    readonly values: Uint8Array;
  };
  /** Of a head with depths, for the one finding that it has. */
  readonly depth?: {
    /** As of a mask. */
    readonly shape: Float64Array;
    /** NaN: none. */
    readonly values: Float32Array;
  };
  /** Of a head with a vector, for its one finding. */
  readonly vector?: Float64Array;
  /** Of a head with a text: the labels of its one finding. */
  readonly text?: Float64Array;
  /** Of a head whose outputs a module reads, in its order. */
  readonly raw?: readonly NativeRawTensor[];
  /** Before the cap and NMS. */
  readonly candidates: number;
  /** Above the threshold, but NaN or infinite. */
  readonly invalid: number;
}

export interface NativeResult extends NativeDetections {
  /** Of the tensor `embeddingTensor`. */
  readonly embedding?: Float64Array;
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
  /** Nothing of it may reach a disk, not by a dump either. Default false. */
  readonly secret?: boolean;
  /** Nothing of the process that builds is swapped; nothing is built where that can't be. Default false. */
  readonly lockMemory?: boolean;
}

export interface CreateDetector {
  readonly input: NativeInput;
  readonly head: NativeHead;
  readonly classCount: number;
  /** Output whose values every result carries as they are, 2048 at most. */
  readonly embeddingTensor?: string;
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
  /**
   * With a time-out: an engine that still works on a frame so long after it was asked to end is given up with its slot,
   * and a new slot takes its place. Default: half of the time-out, 1000 at least.
   */
  readonly giveUpMs?: number;
  readonly closeTimeoutMs: number;
  /** The engine's device was opened with the option `kernels` and does the letterbox. */
  readonly devicePreprocess: boolean;
  readonly warmUp: boolean;
}

export type DetectFrame = (
  detector: DetectorHandle,
  image: NativeImage,
  settings: NativeSettings,
  /** Zeros, filled with what `unpackThumbnail` reads. Nobody else may use it until the result is there. */
  thumbnail?: Uint8Array,
) => { readonly id: number; readonly result: Promise<NativeResult> };

/** What the .node file does. Failures are Errors with a `code` that starts with `native-`, or is `cancelled`. */
/** A V4L2 device: what device/v4l2 asks of the kernel, and nothing that knows what it is for. */
export interface VideoNodeHandle {
  /** 0, or the number of the error. `bytes` are as many as the request says, and are written to. */
  ioctl(request: number, bytes: Uint8Array): number;
  /** Memory of the device, good for as long as somebody sees it. Throws with `errno`. */
  map(offset: number, length: number): Uint8Array;
  /** Called when something can be read, or the device is gone; until `close`. */
  watch(onReadable: () => void): void;
  close(): void;
}

export interface NativeAddon {
  /** Opens a device; throws with `errno`. Linux only. */
  readonly VideoNode?: new (
    path: string,
  ) => VideoNodeHandle;
  features(): { readonly simd: string; readonly jpegProblem: string; readonly abi: string };
  /** Lets go of every engine, blocking: before the process exits. */
  shutDown(): void;
  /** The allocator keeps up to 64 MiB of freed memory, also of blocks up to 32 MiB: the next picture finds its pages mapped. */
  keepPicturesMemory(): void;
  /**
   * A deadly signal on a thread that is inside an engine appends "<signal> <plugin>" to this file, absolute; the process
   * dies all the same. Other threads' go to whoever handled them before.
   */
  noteCrashes(file: string): void;
  /** One datagram to the service manager at `socket` (systemd's NOTIFY_SOCKET). Throws where nobody takes it. */
  notify(socket: string, text: string): void;
  /** JSON text of the plugin: its version and the device. Opens the device for as long as that takes. */
  describeDevice(spec: Pick<OpenEngine, 'plugin' | 'deviceOptions'>): Promise<string>;
  openEngine(spec: OpenEngine): Promise<EngineHandle>;
  /** `engine` and `device` are JSON texts of the plugin. */
  describeEngine(engine: EngineHandle): {
    readonly engine: string;
    readonly device: string;
    readonly tensors: readonly NativeTensor[];
    /** Memory, as bits of goshawk_engine.h, whose pictures the device's own letterbox takes as they are. */
    readonly pictureMemories: number;
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
  /** Slots that were given up since the start, with what they hold. */
  givenUpSlots(detector: DetectorHandle): number;
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
  /** Fills zeros with what `unpackThumbnail` reads, on the calling thread, for comparison and benchmarks. */
  thumbnail(image: NativeImage, destination: Uint8Array): void;
  /** A camera's encoding to one that the letterbox reads, without padding, on the calling thread. */
  convertPicture(
    data: Uint8Array,
    width: number,
    height: number,
    step: number,
    encoding: string,
    destination: Uint8Array,
  ): void;
  /** The kernel dumps no memory of this process from now on, and nobody but root may look into it. Linux only. */
  forbidDumps(): void;
  /** Memory that is in no dump; overwritten when nobody sees it any more. `lockProblem`: why it may be swapped, or ''. */
  secretBytes(size: number): { readonly bytes: Uint8Array; readonly lockProblem: string };
  /**
   * Descriptor of a file that is on no disk, and is not inherited unless it is handed over. With bytes nobody can change it
   * any more. Whoever asks closes it.
   */
  memoryFile(bytes?: Uint8Array): number;
  /** The bytes of such a file, as many as it has now, are not swapped until `letGo`. `lockProblem`: why they may be, or ''. */
  lockMemoryFile(file: number): { readonly lockProblem: string; letGo(): void };
  /** Nothing of this process is swapped from now on. Why it may be; '' where it can't. Where memory to lock is limited: refused. */
  lockProcess(): string;
  /**
   * The same on a thread of the pool. `pieces`: what a message in pieces came with; it is put together there. Until the promise
   * settles both buffers stay where they are, and nobody may write to them.
   */
  convertPictureAside(
    data: Uint8Array,
    width: number,
    height: number,
    step: number,
    encoding: string,
    destination: Uint8Array,
    pieces: object | undefined,
  ): Promise<void>;
  postprocess(
    outputs: readonly NativeOutput[],
    head: NativeHead,
    classCount: number,
    input: NativeInput,
    frame: { readonly width: number; readonly height: number },
    settings: NativeSettings,
  ): NativeDetections;
}
