import type { TensorData } from '../base/index.ts';
import type { DepthKind, ModelTask } from '../model/index.ts';
import type { FrameOrigin } from './frame.ts';
import type { Thumbnail } from './preprocess/thumbnail.ts';
import type { RulesResult } from './rules/rule-event.ts';

/** Corners in pixels of the original frame, x to the right, y down; x1 < x2, y1 < y2, clipped to the frame. */
export interface Box {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

/** A box around its centre, in pixels of the frame. */
export interface RotatedBox {
  readonly cx: number;
  readonly cy: number;
  readonly width: number;
  readonly height: number;
  /** Radians from the x axis to the side that is the width, clockwise as y points down. */
  readonly angle: number;
}

/** How likely each cell of a part of the frame belongs to an object. */
export interface Mask {
  /** Left and top of the first cell, and the sides of a cell, in pixels of the frame. */
  readonly x: number;
  readonly y: number;
  readonly cellWidth: number;
  readonly cellHeight: number;
  readonly columns: number;
  readonly rows: number;
  /** Row by row, 0..255 for 0..1; above 127 is the object. */
  readonly values: Uint8Array;
}

/** How far away each cell of a part of the frame is. */
export interface DepthMap extends Omit<Mask, 'values'> {
  /** `metres` along the optical axis; or `disparity`: larger is nearer, in a unit that the network chose for this frame alone. */
  readonly gives: DepthKind;
  /** Row by row; NaN where the network says none. */
  readonly values: Float32Array;
}

/** What JSON can say. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** An output of a network as it is; half floats are widened. */
export interface RawTensor {
  readonly name: string;
  /** As ONNX calls it: `float32`, `float64`, `int8` to `int64`, `uint8` to `uint64`, `bool`. */
  readonly type: string;
  readonly dims: readonly number[];
  readonly data: TensorData;
}

/** A point of what was found, in pixels of the frame; it may lie outside of the box. */
export interface Keypoint {
  readonly x: number;
  readonly y: number;
  /** How sure the model is that it sees it, 0..1; absent: it does not say. */
  readonly score?: number;
}

export interface Detection {
  /** Index into the model's labels. */
  readonly classId: number;
  /** Name of the class, from the model's labels. */
  readonly label: string;
  /** 0..1 */
  readonly score: number;
  readonly box: Box;
  /** Of a model of instance segmentation; it covers the box, and may reach over it by a part of a cell. */
  readonly mask?: Mask;
  /** Of a model of poses, in the order of its training. */
  readonly keypoints?: readonly Keypoint[];
  /** Of a model of rotated boxes; `box` is the upright one around it, clipped to the frame. */
  readonly rotated?: RotatedBox;
  /** Of a model of depth: its one finding, the whole frame. */
  readonly depth?: DepthMap;
  /** Of a model of embeddings: its one finding, the whole frame. */
  readonly embedding?: Float32Array;
  /** What the module of a bundle made of the outputs of its network: its one finding, the whole frame. */
  readonly data?: Json;
}

/** What a classifier said of the pixels of a detection. */
export interface Attribute {
  /** The node of the graph that said it. */
  readonly node: string;
  readonly label: string;
  /** 0..1 */
  readonly score: number;
}

/** The vector that a node has for the pixels of a detection. */
export interface NodeEmbedding {
  readonly node: string;
  readonly values: Float32Array;
  /** Digest of its model: vectors of two models can't be compared. */
  readonly model: string;
}

/** What was found inside of another detection, in pixels of the frame. */
export interface ChildDetection extends Detection {
  /** The node of the graph that found it. */
  readonly node: string;
  readonly attributes?: readonly Attribute[];
  readonly embeddings?: readonly NodeEmbedding[];
  readonly children?: readonly ChildDetection[];
}

/** A detection that a tracker has followed over frames, with what later nodes of the graph found in it. */
export interface TrackedDetection extends Detection {
  /** Stable over the life of the track, unique per camera and node since the start of the pipeline. */
  readonly trackId?: number;
  /** Who it is, over all cameras of the device and after it was gone; of a node that re-identifies. */
  readonly identity?: number;
  readonly attributes?: readonly Attribute[];
  readonly embeddings?: readonly NodeEmbedding[];
  readonly children?: readonly ChildDetection[];
}

/** Who detected: goes into every result so that a subscriber knows which model spoke. */
export interface DetectorIdentity {
  readonly model: string;
  readonly version: string;
  /** `sha256:<64 hex>` of the bundle. */
  readonly digest: string;
  /** Engine in words a user knows: `onnxruntime-node`, `onnxruntime`, `tensorrt`. */
  readonly engine: string;
  /** `fp32`, `fp16`, `int8`, or mixed as `int8+fp32`. */
  readonly precision: string;
  readonly labels: readonly string[];
  /** `classification`: its results say what the whole picture shows; absent: `detection`. */
  readonly task?: ModelTask;
  /** Input of the network in pixels. */
  readonly inputWidth: number;
  readonly inputHeight: number;
}

/** Milliseconds spent in each stage of one frame. */
export interface StageTimings {
  readonly preprocessMs: number;
  readonly inferMs: number;
  readonly postprocessMs: number;
}

/**
 * What the task of a model says of one frame in a few numbers, beside its boxes; the watch for drift compares them with what
 * is usual. Each is a share, a logarithm or alike, so that a change by 0.03 harms nothing.
 */
export interface Answer {
  /** For people; the same for every frame of a model, at most four. */
  readonly names: readonly string[];
  /** One per name; NaN where there is nothing to say. */
  readonly values: readonly number[];
  /** What the picture as a whole shows, with shares that add up to 1. Absent: each box says what it is. */
  readonly mix?: readonly (readonly [label: string, share: number])[];
}

export interface DetectorResult {
  readonly detections: readonly Detection[];
  readonly timings: StageTimings;
  /** Candidates above the score threshold before NMS. */
  readonly candidates: number;
  /** Where it was asked for; absent all the same where its pixels can't be read, or are too few. */
  readonly thumbnail?: Thumbnail;
  /** One number per channel of the tensor that the bundle names for it. */
  readonly embedding?: ArrayLike<number>;
  /** Of a head whose outputs a module reads: as they are, in the head's order. */
  readonly tensors?: readonly RawTensor[];
  /** Of such a head, when its module has taken them, where a thumbnail was asked for. */
  readonly answer?: Answer;
}

/** What can be changed while a detector runs. */
export interface DetectionSettings {
  /** Smallest score that is reported, 0..1. */
  readonly scoreThreshold: number;
  /** IoU above which the weaker of two boxes of one class is dropped, 0..1. */
  readonly iouThreshold: number;
  /** Strongest boxes kept per frame. */
  readonly maxDetections: number;
  /** Labels that are reported; empty means all. */
  readonly classes: readonly string[];
}

/** What is asked of a detector at one frame. */
export interface DetectionRequest extends DetectionSettings {
  /** The result has the thumbnail of the frame: made by the thread that reads the pixels anyway. */
  readonly thumbnail?: boolean;
}

export const defaultDetectionSettings: DetectionSettings = {
  scoreThreshold: 0.25,
  iouThreshold: 0.45,
  maxDetections: 300,
  classes: [],
};

/** What the stream of one camera gives for one frame; the content of `Detection2DArray`. */
export interface PerceptionResult {
  readonly camera: string;
  /** The node of the camera's graph that detected; every pipeline says it. */
  readonly node?: string;
  /** The slot of its model. */
  readonly slot?: string;
  /** Of a further node on frames; absent: of the camera's main node. */
  readonly further?: true;
  readonly sequence: number;
  readonly stampNs: bigint;
  readonly frameId: string;
  readonly width: number;
  readonly height: number;
  /** See `Frame`. */
  readonly origin?: FrameOrigin;
  readonly detections: readonly TrackedDetection[];
  /** Where the camera's settings leave some out: all that the model found at the usual settings, tracked. See `PipelineOptions`. */
  readonly unfiltered?: readonly TrackedDetection[];
  /** What the model saw of labels that the pipeline always looks for, whatever the camera's settings leave out; untracked. */
  readonly sought?: readonly Detection[];
  readonly identity: DetectorIdentity;
  readonly timings: StageTimings;
  readonly candidates: number;
  /** Of the main node of a camera, where the pipeline is watched. See `DetectorResult`. */
  readonly thumbnail?: Thumbnail;
  /** See `DetectorResult`. */
  readonly embedding?: ArrayLike<number>;
  /** Where the pipeline is watched, of the main node of a camera whose task has one. */
  readonly answer?: Answer;
  /** Of the main node of a camera that has zones or lines. */
  readonly rules?: RulesResult;
  /** From the stamp of the frame (a recording: from its handing over) to this result, milliseconds; what a subscriber really waits. */
  readonly captureToPublishMs: number;
}
