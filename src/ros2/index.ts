export { type CdrLimits, CdrReader, defaultCdrLimits } from './cdr/cdr-reader.ts';
export { CdrWriter } from './cdr/cdr-writer.ts';
export {
  type DetectedBox,
  type DetectedObject,
  type ReadDetection,
  readDetections,
  writeDetections,
} from './messages/detections.ts';
export {
  type DiagnosticStatus,
  diagnosticLevels,
  readDiagnostics,
  writeDiagnostics,
} from './messages/diagnostics.ts';
export {
  type ModelEvent,
  type PerceptionInfo,
  readModelEvent,
  readPerceptionInfo,
  writeModelEvent,
  writePerceptionInfo,
} from './messages/goshawk-messages.ts';
export {
  type GidSize,
  type GraphNode,
  type ParticipantEntities,
  readParticipantEntities,
  writeParticipantEntities,
} from './messages/graph.ts';
export { type Header, readHeader, writeHeader } from './messages/header.ts';
export {
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
export { type ParameterEvent, readParameterEvent, writeParameterEvent } from './messages/parameter-events.ts';
export {
  type ParameterDescriptor,
  type ParameterType,
  type ParameterValue,
  parameterTypeNumber,
  parameterTypes,
} from './messages/parameter-messages.ts';
export {
  type NamedValue,
  readServiceRequest,
  type ServiceRequest,
  type ServiceResponse,
  type ServiceType,
  type SetResult,
  writeServiceResponse,
} from './messages/services.ts';
export {
  checkNodeName,
  ddsServiceTopics,
  ddsServiceTypes,
  ddsTopic,
  ddsType,
  type NodeName,
  parseDomainId,
  resolveTopic,
} from './node/names.ts';
export type {
  RosEndpoint,
  RosLosses,
  RosMessage,
  RosNode,
  RosPublisher,
  SubscribeOptions,
} from './node/node-port.ts';
export {
  boolParameter,
  doubleParameter,
  type Parameter,
  type ParameterBody,
  serveParameters,
  stringsParameter,
} from './node/parameters.ts';
export { incompatiblePolicy, incompatibleQos, type Qos, qosProfiles } from './node/qos.ts';
export { graphType, graphTypeHash, type MessageType, serviceTypeHashes, typeHashes } from './node/types.ts';
