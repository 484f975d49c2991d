export { answerOf } from './answer/answer.ts';
export { answerOfTensors } from './answer/tensors.ts';
export { boxIou } from './box.ts';
export {
  checkHead,
  HeadDecoder,
  maxCandidates,
  type OutputTensor,
  outputTensor,
  rawTensor,
} from './decode/index.ts';
export { coarseDepth, depthAt, depthColours } from './depth/depth-map.ts';
export type { DepthPicture } from './depth/depth-picture.ts';
export { type Lens, scaledLens } from './depth/lens.ts';
export { boxLocator, type Located, type Vector } from './depth/locate.ts';
export { noRotation, type Placement, placed, type Quaternion } from './depth/placement.ts';
export {
  type Answer,
  type Attribute,
  type Box,
  type ChildDetection,
  type DepthMap,
  type Detection,
  type DetectionRequest,
  type DetectionSettings,
  type DetectorIdentity,
  type DetectorResult,
  defaultDetectionSettings,
  type Json,
  type Keypoint,
  type Mask,
  type PerceptionResult,
  type RawTensor,
  type RotatedBox,
  type TrackedDetection,
} from './detection.ts';
export {
  type DeviceMemory,
  deviceMemories,
  memoriesOf,
  memoryBits,
  sharedMemories,
} from './device-memory.ts';
export { drawTimes, isClearlyMore, resampledMaps, resampledMeans } from './evaluate/bootstrap.ts';
export { answerChallenges, changePicture, type PictureChange } from './evaluate/challenge.ts';
export { type DepthError, DepthErrorCounter } from './evaluate/depth-error.ts';
export {
  type ClassAccuracy,
  type EvaluatedImage,
  type Evaluation,
  evaluate,
  type ScoredBox,
  type TruthBox,
} from './evaluate/evaluate.ts';
export { type Evidence, EvidenceCollector } from './evaluate/evidence.ts';
export { detectGolden, goldenDetections, goldenMap, goldenSettings, runGolden } from './evaluate/golden.ts';
export { measureLatency } from './evaluate/latency.ts';
export { MeanIouCounter, pixelClasses } from './evaluate/mean-iou.ts';
export { type Doubt, doubtOf } from './evaluate/plausibility.ts';
export { type EmbeddedPicture, type RetrievalAccuracy, retrievalAccuracy } from './evaluate/retrieval.ts';
export { type ReadPicture, type TextAccuracy, textAccuracy } from './evaluate/text-accuracy.ts';
export { type ClassifiedPicture, topAccuracy } from './evaluate/top-accuracy.ts';
export { parseYoloLabels, type TruthForm } from './evaluate/yolo-labels.ts';
export type {
  Encoding,
  Frame,
  FrameOrigin,
  FrameReceiver,
  FrameSource,
  MemoryCounts,
  Pixels,
  SourceCounts,
  SourceHealth,
} from './frame.ts';
export { buildGraph, maxNodes } from './graph/graph.ts';
export { mainNode, mainSlot, namePattern, type SlotName } from './graph/names.ts';
export { type CropInput, defaultNodes, type NodeSettings } from './graph/node-settings.ts';
export type { GraphOverlay } from './graph/overlay.ts';
export { type Bitmap, bitmapIou, bitmapOfMask, bitmapOfRings } from './mask/bitmap.ts';
export { labelMapOf } from './mask/label-map.ts';
export { outlinesOf } from './mask/outline.ts';
export { type PartMeasures, partMeasures } from './part-measures.ts';
export type { Agreement } from './pipeline/agreement.ts';
export { dropReasons, type FrameCounts, skipReasons } from './pipeline/frame-counts.ts';
export {
  type CameraStats,
  type Disagreement,
  type NodeStats,
  Pipeline,
  type PipelineEvent,
  type PipelineOptions,
  type PipelineStats,
} from './pipeline/pipeline.ts';
export type { ProbeFrame } from './pipeline/probe-requests.ts';
export type { Inference } from './pipeline/task.ts';
export type { Thinning } from './pipeline/thinning.ts';
export { type DetectionSink, type Detector, type DetectorLoss, DetectorLostError } from './ports.ts';
export { Postprocessor } from './postprocess/postprocess.ts';
export { cornersOf } from './postprocess/rotated.ts';
export { type LetterboxGeometry, letterboxGeometry } from './preprocess/geometry.ts';
export { checkImage, type Image, maxImageSide } from './preprocess/image.ts';
export { type InputTensor, Letterboxer } from './preprocess/letterbox.ts';
export { packedThumbnailBytes, type Thumbnail, thumbnail, unpackThumbnail } from './preprocess/thumbnail.ts';
export {
  detailScale,
  leastThumbnailWidth,
  thumbnailCells,
  thumbnailHeight,
  thumbnailWidth,
} from './preprocess/thumbnail-grid.ts';
export {
  type Anchor,
  anchors,
  type CameraRules,
  checkRules,
  type Direction,
  hasRules,
  type LineCounts,
  type LineSettings,
  maxRules,
  noRules,
  type Point,
  RuleCounter,
  type RuleEvent,
  type RuleShape,
  type RulesFrame,
  type RulesResult,
  ruleDefaults,
  ruleEventWords,
  ruleShapes,
  rulesJson,
  rulesProblem,
  ZoneArea,
  type ZoneCounts,
  type ZoneSettings,
} from './rules/index.ts';
export { type CameraSettings, defaultCameraSettings } from './settings.ts';
export {
  cameraCodec,
  cameraLost,
  cameraPath,
  cameraPictureSize,
  cameraRefused,
  cameraUnreachable,
  checkCameraSize,
  mostCameraPixels,
  networkReason,
} from './source/camera-errors.ts';
export {
  type RecordedFrame,
  type ReplayOptions,
  type ReplayPace,
  ReplayStream,
} from './source/replay-stream.ts';
export { isStaleStamp } from './source/stamp-age.ts';
export { StreamClock } from './source/stream-clock.ts';
export type { PacketReceiver, PacketTaker, StreamCodec, StreamPacket } from './source/stream-packet.ts';
export { SupervisedFrameSource, type SupervisedSourceOptions } from './source/supervised-source.ts';
export { SwitchedSource } from './source/switched-source.ts';
export { DecodedDetector } from './tensor/decoded-detector.ts';
export type { Decoded, DecodedPicture, TensorDecoder } from './tensor/tensor-decoder.ts';
export { Tracker } from './tracker/index.ts';
export { unknownClasses } from './unknown-classes.ts';
