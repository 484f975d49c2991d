export {
  BroadcastOutlet,
  type FoxgloveHub,
  type ProgramConnection,
} from './broadcast-outlet.ts';
export { type LeftOutReason, leftOutReasons, StreamCounts, type StreamReading } from './counts.ts';
export { DeliveryQueue, type DeliveryQueueOptions } from './delivery-queue.ts';
export { FleetOutlet } from './fleet-outlet.ts';
export { type FoxgloveMessage, foxglovePicture, foxgloveResult } from './foxglove/messages.ts';
export { type FoxgloveChannel, foxgloveChannels } from './foxglove/schemas.ts';
export { HomeAssistant } from './mqtt/home-assistant.ts';
export { MqttOutlet } from './mqtt/mqtt-outlet.ts';
export { StreamTopics } from './mqtt/stream-topics.ts';
export type { Outgoing, Outlet, PictureRequest, StreamMessage, StreamPicture } from './outlet.ts';
export { type Recorder, RecordingOutlet } from './recording-outlet.ts';
export { resultMessage } from './result-message.ts';
export { type MakePicture, ResultStreams, type Stream } from './result-streams.ts';
export type { Selection } from './selection.ts';
export { WebhookOutlet } from './webhook-outlet.ts';
