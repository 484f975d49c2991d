// Around: no package: it speaks through a RosNode, whose adapters are in device/

export {
  type DrawDetections,
  type RedactPicture,
  RosAnnotatedSink,
  type RosAnnotatedSinkOptions,
} from './annotated-sink.ts';
export { RosBridge, type RosBridgeOptions } from './bridge.ts';
export { type BridgeSettings, parseBridge, type RobotBridge } from './bridge-settings.ts';
export { RosCameraInfoSink, type RosCameraInfoSinkOptions } from './camera-info-sink.ts';
export { parameterPrefix, rosToken } from './camera-topics.ts';
export { type RosControlOptions, type Steerable, serveControl } from './control.ts';
export { type DecodeDepth, DepthKeeper, type DepthKeeperOptions, depthOf } from './depth-keeper.ts';
export {
  type PublishedTopic,
  RosDetectionSink,
  type RosDetectionSinkOptions,
} from './detection-sink.ts';
export {
  type CameraDepth,
  RosDetections3dSink,
  type RosDetections3dSinkOptions,
} from './detections-3d-sink.ts';
export { RosFrameSource, type RosFrameSourceOptions, type RosSourceCounts } from './frame-source.ts';
export { lifecycleSafetyCheck, RosHeardSafetyCheck, topicSafetyCheck } from './heard-safety-check.ts';
export type { DecodePng } from './latest-decode.ts';
export { RosMapSink } from './map-sink.ts';
export { type RosModelServicesOptions, serveModels } from './model-services.ts';
export type { ModelSwitch } from './model-switch.ts';
export { RosNodeResultsSink, type RosNodeResultsSinkOptions } from './node-results-sink.ts';
export type { PictureLosses } from './picture-losses.ts';
export { RosRulesSink } from './rules-sink.ts';
export { RosSafetyCheck, type RosSafetyCheckOptions } from './safety-check.ts';
export { RosSnapshotSink, type RosSnapshotSinkOptions, type TakeSnapshot } from './snapshot-sink.ts';
export { RosSynchronizedSink, type RosSynchronizedSinkOptions } from './synchronized-sink.ts';
export { TfListener, type TfTarget } from './tf-listener.ts';
export { RosVisionInfoSink, type RosVisionInfoSinkOptions } from './vision-info-sink.ts';
