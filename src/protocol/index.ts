export {
  AddedKind,
  AddedName,
  addedCameraCalls,
  CameraTrial,
  maxTrialJpegBytes,
  NewCamera,
} from './added-cameras.ts';
export { type CallMethod, CallResponse, housekeepingCalls } from './calls.ts';
export { mostAnswered, mostChallenges } from './challenge-sizes.ts';
export { Clip, ClipSettings, clipCalls, clipChunkBytes } from './clips.ts';
export {
  type CallRequestOf,
  type CallResultOf,
  checkCallResult,
  type Decoded,
  decodeCall,
  decodeMessage,
  decodePayload,
  encodeCall,
  encodePayload,
  maxBytesOf,
  messageOf,
  type PayloadKind,
  type PayloadOf,
} from './codec.ts';
export { correlationBytes, correlationId } from './correlation.ts';
export {
  DriftEventData,
  type DriftEventKind,
  DriftGrade,
  DriftSettings,
  DriftSignal,
  DriftStatus,
  DriftVerdict,
  driftCalls,
  driftEventKinds,
  FrameReason,
  frameChunkBytes,
  HardFrame,
  HardFrameSettings,
  KnownAnswerData,
  LearnOrder,
  LossRange,
  MonitoringState,
  readDriftEvent,
  readKnownAnswer,
  VerdictKind,
  WatchedPart,
} from './drift.ts';
export {
  BoardFacts,
  type Claim,
  estPath,
  factsHeader,
  formatClaim,
  Membership,
  maxClaimBytes,
  maxFactsBytes,
  maxRequestBytes,
  membershipPath,
  parseClaim,
  serialPattern,
  Voucher,
  voucherPath,
} from './enrolment.ts';
export { type FollowedOrder, FollowedOrders } from './followed-orders.ts';
export { controllerId, deviceIdPattern, root } from './ids.ts';
export { agentSlot, mainSlot, maxSlots } from './main-slot.ts';
export {
  deviceMetrics,
  kindOfMetric,
  type MetricRow,
  metricNames,
  metricOf,
  metricRow,
  noModelName,
} from './metrics.ts';
export { PipelineNode, Reidentification } from './nodes.ts';
export {
  Birth,
  CatalogueEntry,
  Death,
  DeploymentReport,
  DeploymentState,
  Desired,
  DesiredModel,
  DesiredSlot,
  DeviceEvent,
  deploymentStates,
  HistogramValue,
  LoadedModel,
  MetricKind,
  MetricsBatch,
  mostReportSeconds,
  PipelineSettings,
  Reported,
  ReportedSlot,
  RobotReport,
  Severity,
  TrustReport,
} from './payloads.ts';
export { Preview } from './preview.ts';
export {
  bundleChunkBytes,
  LogLine,
  LogLineLevel,
  maxBundleBytes,
  maxLogText,
  RestartTarget,
  remoteCalls,
} from './remote.ts';
export { ResultMessage, resultFields, type SentDetection, SentResult } from './results.ts';
export { CameraRules } from './rules.ts';
export { SlotName, SlotRole, SlotScope, scopeOf, VersionPolicy } from './slots.ts';
export { type JoinSum, type MaskedSum, sumLength, sumLimits } from './sums.ts';
export {
  sharedTelemetry,
  type TelemetryMessage,
  type TelemetrySource,
  telemetryExchange,
  telemetryQueues,
} from './telemetry-source.ts';
export { topicTable } from './topic-table.ts';
export {
  controllerSubscriptions,
  deviceAccess,
  deviceSubscriptions,
  ingestSubscriptions,
  maxPacketBytes,
  type Place,
  parseTopic,
  programTopics,
  retainedTopics,
  type TopicFrom,
  telemetryTopics,
  topics,
} from './topics.ts';
export type {
  Message,
  MessageListener,
  Qos,
  SubscribeOptions,
  Transport,
  TransportStatus,
  Will,
} from './transport.ts';
