export { boxIou } from './box.ts';
export {
  Candidates,
  checkOutputs,
  type DecodeContext,
  decode,
  maxCandidates,
  type OutputTensor,
  type TensorShape,
} from './decode/index.ts';
export {
  type Box,
  type Detection,
  type DetectionSettings,
  type DetectorIdentity,
  type DetectorResult,
  defaultDetectionSettings,
  type PerceptionResult,
  type StageTimings,
  type TrackedDetection,
} from './detection.ts';
export {
  type ClassAccuracy,
  type EvaluatedImage,
  type Evaluation,
  evaluate,
  type ScoredBox,
  type TruthBox,
} from './evaluate/evaluate.ts';
export { goldenDetection, goldenSettings, runGolden } from './evaluate/golden.ts';
export { parseYoloLabels } from './evaluate/yolo-labels.ts';
export {
  type Encoding,
  encodings,
  type Frame,
  type FrameReceiver,
  type FrameSource,
  type Pixels,
} from './frame.ts';
export type { Inference } from './pipeline/camera-stream.ts';
export {
  type AddCameraOptions,
  type CameraStats,
  Pipeline,
  type PipelineEvent,
  type PipelineOptions,
  type PipelineStats,
} from './pipeline/pipeline.ts';
export type { ProbeFrame } from './pipeline/probe-requests.ts';
export type { Summary } from './pipeline/recent-values.ts';
export {
  type DropReason,
  dropReasons,
  type FrameCounts,
  Scheduler,
  type SchedulerOptions,
  type SchedulingPolicy,
  type Worker,
} from './pipeline/scheduler.ts';
export type { DetectionSink, Detector } from './ports.ts';
export { nms } from './postprocess/nms.ts';
export { type PostprocessOptions, Postprocessor, type PostprocessResult } from './postprocess/postprocess.ts';
export { type LetterboxGeometry, letterboxGeometry } from './preprocess/geometry.ts';
export { checkImage, type Image, maxImageSide } from './preprocess/image.ts';
export { type InputTensor, Letterboxer, letterbox } from './preprocess/letterbox.ts';
export {
  leastSampledWidth,
  sampledHeight,
  sampledWidth,
  sampleThumbnail,
  thumbnailImage,
} from './preprocess/sampled-thumbnail.ts';
export { type CameraSettings, checkSettings, defaultCameraSettings } from './settings.ts';
export { defaultTrackerOptions, Tracker, type TrackerOptions } from './tracker/index.ts';
