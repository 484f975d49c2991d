export {
  type CallRequestOf,
  type CallResultOf,
  checkCallResult,
  contentTypeOf,
  type Decoded,
  decodeCall,
  decodeMessage,
  decodePayload,
  encodeCall,
  encodePayload,
  formats,
  isCallMethod,
  type PayloadKind,
  type PayloadOf,
} from './codec.ts';
export * from './drift.ts';
export { type MetricName, metricNames } from './metrics.ts';
export * from './payloads.ts';
export { deviceIdPattern, parseTopic, root, type TopicKind, topics } from './topics.ts';
export type { Message, Qos, Transport, TransportStatus, Will } from './transport.ts';
export { maxDepth } from './wire.ts';
