export * from './payloads.ts';
export { deviceIdPattern, parseTopic, root, type TopicKind, topics } from './topics.ts';
export type { Message, Qos, Transport, TransportStatus, Will } from './transport.ts';
