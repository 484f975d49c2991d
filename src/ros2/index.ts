export { type CdrLimits, CdrReader, defaultCdrLimits } from './cdr-reader.ts';
export { CdrWriter } from './cdr-writer.ts';
export {
  type DetectedBox,
  type DetectedObject,
  type ReadDetection,
  readDetections,
  writeDetections,
} from './detections.ts';
export {
  type DiagnosticStatus,
  diagnosticLevels,
  readDiagnostics,
  writeDiagnostics,
} from './diagnostics.ts';
export {
  type ModelEvent,
  type PerceptionInfo,
  readModelEvent,
  readPerceptionInfo,
  writeModelEvent,
  writePerceptionInfo,
} from './goshawk-messages.ts';
export {
  type GidSize,
  type GraphNode,
  type ParticipantEntities,
  readParticipantEntities,
  writeParticipantEntities,
} from './graph.ts';
export { type Header, readHeader, writeHeader } from './header.ts';
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
} from './image.ts';
export {
  checkNodeName,
  ddsServiceTopics,
  ddsServiceTypes,
  ddsTopic,
  ddsType,
  type NodeName,
  parseDomainId,
  resolveTopic,
} from './names.ts';
export type {
  RosEndpoint,
  RosLosses,
  RosMessage,
  RosNode,
  RosPublisher,
  SubscribeOptions,
} from './node-port.ts';
export { type ParameterEvent, readParameterEvent, writeParameterEvent } from './parameter-events.ts';
export {
  type ParameterDescriptor,
  type ParameterType,
  type ParameterValue,
  parameterTypeNumber,
  parameterTypes,
} from './parameter-messages.ts';
export {
  boolParameter,
  doubleParameter,
  type Parameter,
  type ParameterBody,
  serveParameters,
  stringsParameter,
} from './parameters.ts';
export { incompatiblePolicy, incompatibleQos, type Qos, qosProfiles } from './qos.ts';
export {
  type NamedValue,
  readServiceRequest,
  type ServiceRequest,
  type ServiceResponse,
  type ServiceType,
  type SetResult,
  writeServiceResponse,
} from './services.ts';
export { graphType, graphTypeHash, type MessageType, serviceTypeHashes, typeHashes } from './types.ts';
