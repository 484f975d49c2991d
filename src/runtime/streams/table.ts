import { fleetStream } from './fleet.ts';
import type { StreamKind, StreamKindName } from './kind.ts';
import { mcapStream } from './mcap.ts';
import { mqttStream } from './mqtt.ts';
import { webhookStream } from './webhook.ts';
import { webSocketStream } from './websocket.ts';

/** Every way for results to leave but ROS 2; its settings stand below the same name in settings/streams.ts. */
export const streamKinds: { readonly [K in StreamKindName]: StreamKind<K> } = {
  fleet: fleetStream,
  mqtt: mqttStream,
  webhook: webhookStream,
  websocket: webSocketStream,
  mcap: mcapStream,
};
