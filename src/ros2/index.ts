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
export { checkNodeName, ddsTopic, ddsType, type NodeName, parseDomainId, resolveTopic } from './names.ts';
export { explainIncompatibleQos, type Qos, qosProfiles } from './qos.ts';
export { graphType, type MessageType, typeHashes } from './types.ts';
