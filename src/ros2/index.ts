export { cancelCodes, GoalSet } from './action/goal-set.ts';
export {
  type GoalEvent,
  type GoalState,
  goalEvents,
  goalStatusNumbers,
  goalTable,
  isGoalOver,
  nextGoalState,
} from './action/goal-table.ts';
export {
  SwapAction,
  type SwapActionOptions,
  type SwapProgress,
  type SwapWork,
} from './action/swap-action.ts';
export { Allowance } from './bridge/allowance.ts';
export { ChangeWatch, type ChangeWatchOptions, type FieldChange } from './bridge/change-watch.ts';
export {
  type BoardChange,
  DiagnosticsBoard,
  type RobotLevel,
  type RobotProblem,
} from './bridge/diagnostics-board.ts';
export { FieldReducer, type Reduction, reductions } from './bridge/field-reducer.ts';
export { CdrReader } from './cdr/cdr-reader.ts';
export { CdrWriter } from './cdr/cdr-writer.ts';
export { LifecycleMachine, type LifecycleWork } from './lifecycle/machine.ts';
export { type LifecycleServiceOptions, serveLifecycle } from './lifecycle/serve.ts';
export { type StateLabel, transitionGraph } from './lifecycle/table.ts';
export {
  type GoalInfo,
  type GoalStatus,
  readGoalStatuses,
  readSwapFeedback,
  type SwapFeedback,
  writeGoalStatuses,
  writeSwapFeedback,
} from './messages/actions.ts';
export { type BondStatus, readBondStatus, writeBondStatus } from './messages/bond.ts';
export { readBool, writeBool } from './messages/bool.ts';
export {
  type CameraInfo,
  cameraInfoLimits,
  readCameraInfo,
  writeCameraInfo,
} from './messages/camera-info.ts';
export { readClock, writeClock } from './messages/clock.ts';
export { type CompressedDepth, checkCompressedDepth } from './messages/compressed-depth.ts';
export {
  type ConvertPicture,
  type ConvertPictureAside,
  convertedBytes,
  convertPicture,
  type RawEncoding,
  type RawPicture,
  rawEncodings,
} from './messages/convert-picture.ts';
export {
  type CameraDetections,
  type DetectedObject,
  readDetections,
  writeDetections,
  writeSynchronized,
} from './messages/detections.ts';
export { type LocatedObject, readDetections3d, writeDetections3d } from './messages/detections-3d.ts';
export {
  type DiagnosticStatus,
  diagnosticLevels,
  readDiagnostics,
  writeDiagnostics,
} from './messages/diagnostics.ts';
export {
  type FieldKind,
  type FieldPath,
  type FieldValue,
  fieldPath,
  fieldPaths,
  readFields,
} from './messages/fields.ts';
export {
  readModelEvent,
  readPerceptionInfo,
  writeModelEvent,
  writePerceptionInfo,
} from './messages/goshawk-messages.ts';
export type { ModelName, SwapResult } from './messages/goshawk-services.ts';
export {
  type GidSize,
  type GraphNode,
  type ParticipantEntities,
  readAnnouncement,
  readParticipantEntities,
  writeParticipantEntities,
} from './messages/graph.ts';
export type { Header } from './messages/header.ts';
export {
  type CheckedPicture,
  type CompressedImageMessage,
  checkCompressedPicture,
  checkPicture,
  type ImageMessage,
  type PictureEncoding,
  readCompressedImage,
  readImage,
  writeCompressedImage,
  writeImage,
} from './messages/image.ts';
export {
  type LifecycleState,
  readTransitionEvent,
  type Transition,
  type TransitionDescription,
  type TransitionEvent,
  writeTransitionEvent,
} from './messages/lifecycle.ts';
export { type RosLogLine, readLogLine, rosLogLevels, writeLogLine } from './messages/log.ts';
export { type MessageShape, shapeOf, shippedShape } from './messages/message-shape.ts';
export { shapeByTexts } from './messages/message-text.ts';
export type { ObservedType } from './messages/observed-types.ts';
export { observedTypeHashes } from './messages/observed-types.ts';
export { type ParameterEvent, readParameterEvent, writeParameterEvent } from './messages/parameter-events.ts';
export {
  type ParameterDescriptor,
  type ParameterValue,
  parameterTypeNumber,
  parameterTypes,
} from './messages/parameter-messages.ts';
export { pngSize } from './messages/png.ts';
export { noRoomForRequest, parametersToSet, refusal } from './messages/refusals.ts';
export {
  type CallableService,
  type CallCodec,
  callableServices,
  callCodec,
} from './messages/service-calls.ts';
export {
  type NamedValue,
  readServiceRequest,
  type ServiceRequest,
  type ServiceResponse,
  type ServiceType,
  writeServiceResponse,
} from './messages/services.ts';
export { readString, writeString } from './messages/string.ts';
export {
  readTransforms,
  type StampedTransform,
  type Transform,
  transformLimits,
  writeTransforms,
} from './messages/transforms.ts';
export {
  hashedText,
  type IndividualTypeDescription,
  type TypeDescription,
  typeDescription,
} from './messages/type-description.ts';
export {
  type LabelInfo,
  readLabelInfo,
  readVisionInfo,
  type VisionInfo,
  writeLabelInfo,
  writeVisionInfo,
} from './messages/vision-info.ts';
export {
  followerMark,
  gidSizesFor,
  isFollower,
  type SaidInSize,
  saidInSizes,
  spokenSizes,
} from './node/gid-sizes.ts';
export {
  checkNodeName,
  ddsServiceTopics,
  ddsServiceTypes,
  ddsTopic,
  ddsType,
  type NodeName,
  parseDomainId,
  resolveTopic,
  rosType,
} from './node/names.ts';
export type {
  Answer,
  KnownPublisher,
  KnownServiceEnd,
  RosEndpoint,
  RosLosses,
  RosMessage,
  RosNode,
  RosPublisher,
  SubscribeOptions,
} from './node/node-port.ts';
export { maxAnswerBytes, unansweredCall, unheardAnswer } from './node/node-port.ts';
export {
  boolParameter,
  doubleParameter,
  type Parameter,
  serveParameters,
  stringsParameter,
} from './node/parameters.ts';
export {
  answerPace,
  incompatiblePolicy,
  incompatibleQos,
  type Qos,
  qosProfiles,
} from './node/qos.ts';
export { RosTime } from './node/ros-time.ts';
export { RosoutLog } from './node/rosout-log.ts';
export {
  droppedDatagrams,
  largestAskedBytes,
  SocketDrops,
  socketBufferRemedy,
  socketBufferWarning,
  wantedSocketBytes,
} from './node/socket-buffers.ts';
export { StampGaps } from './node/stamp-gaps.ts';
export { serveTypeDescriptions } from './node/type-descriptions.ts';
export {
  type ForeignType,
  graphType,
  graphTypeHash,
  hashInUserData,
  type MessageType,
  serviceTypeHashes,
  typeAndHash,
  typeHashes,
} from './node/types.ts';
export { foreignProduct, type Neighbour, productOf, unknownProduct } from './node/vendors.ts';
export { ApproximateTime, type ApproximateTimeOptions } from './sync/approximate-time.ts';
export {
  frameName,
  TfBuffer,
  type TfLookup,
  type TfMissing,
  type TfProblem,
} from './tf/tf-buffer.ts';
export { foreignCallCodec } from './values/foreign-call.ts';
export { readMessage, writeMessage } from './values/message-codec.ts';
export { messageJson } from './values/message-json.ts';
export { messageOfObject } from './values/message-object.ts';
export { checkedMessage } from './values/request-check.ts';
export {
  isServiceType,
  type ServicePart,
  type ServiceShape,
  serviceByTexts,
  shippedService,
} from './values/service-shape.ts';
export type { MessageStruct, MessageValue } from './values/value-kinds.ts';
