import { type Static, Type } from '@sinclair/typebox';
import { resultFields } from '../../protocol/index.ts';
import { Broker } from './broker.ts';

/*
 * Where results go beside ROS 2. One of `fleet`, `mqtt`, `webhook`, `websocket`, `mcap` says how; the rest is the same for
 * all. The same settings stand behind the `#` of `goshawk run --publish`.
 */

const closed = { additionalProperties: false } as const;

const pictures = {
  pictureFps: Type.Number({
    minimum: 0,
    maximum: 60,
    default: 5,
    description: 'Pictures a second of each camera, in the mode of `privacy.graph`; 0: none',
  }),
  pictureWidth: Type.Integer({
    minimum: 16,
    maximum: 4096,
    default: 640,
    description: 'Width in pixels; a narrower picture is not enlarged',
  }),
};

export const MqttStream = Type.Object(
  {
    ...Broker.properties,
    certFile: Type.Optional(Type.String({ description: 'PEM of the client certificate' })),
    topic: Type.String({
      minLength: 1,
      maxLength: 200,
      default: 'goshawk/{device}/{camera}',
      description: 'Topic of results; `{device}` and `{camera}` stand for their names',
    }),
    clientId: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 64,
        description: 'Default: `goshawk-`, the device, `-`, and the name of the stream',
      }),
    ),
    atLeastOnce: Type.Boolean({
      default: false,
      description: 'Store results on disk until the broker has them (QoS 1), also over restarts',
    }),
    maxBytes: Type.Integer({
      minimum: 100_000,
      maximum: 1e12,
      default: 64_000_000,
      description:
        'Room on the disk for atLeastOnce; where it is full every second of the older results goes',
    }),
    homeAssistant: Type.Boolean({
      default: false,
      description:
        'Announce each camera to Home Assistant: how many of each class, and whether anything is seen',
    }),
    discoveryPrefix: Type.String({
      pattern: '^[^+#]{1,64}$',
      default: 'homeassistant',
      description: 'Topic where Home Assistant looks for new devices',
    }),
    clearSeconds: Type.Number({
      minimum: 0,
      maximum: 3600,
      default: 5,
      description: 'For Home Assistant: time without detections after which a camera counts as empty',
    }),
  },
  { ...closed, description: 'Send results to your MQTT broker' },
);
export type MqttStream = Static<typeof MqttStream>;

export const WebhookStream = Type.Object(
  {
    url: Type.String({
      pattern: '^https?://',
      description: 'Address that results are posted to; http:// only within one machine or a trusted network',
    }),
    secretFile: Type.Optional(
      Type.String({
        description: 'File with the key that signs (`x-goshawk-signature`, docs/notifications.md)',
      }),
    ),
    caFile: Type.Optional(
      Type.String({ description: 'PEM of an authority that signed the server, beside the usual ones' }),
    ),
    everySeconds: Type.Number({
      minimum: 0,
      maximum: 3600,
      default: 1,
      description: 'Time for which results are collected for one request',
    }),
    batch: Type.Integer({
      minimum: 1,
      maximum: 1000,
      default: 100,
      description: 'Most results in one request',
    }),
    queue: Type.Integer({
      minimum: 1,
      maximum: 10_000,
      default: 1000,
      description: 'Most results that wait while the server is away; then the oldest are dropped',
    }),
  },
  { ...closed, description: 'Post results to an HTTP server, several in one request' },
);
export type WebhookStream = Static<typeof WebhookStream>;

export const WebSocketStream = Type.Object(
  {
    host: Type.String({
      minLength: 1,
      default: '127.0.0.1',
      description:
        'Address to listen on: the default accepts programs of this machine; another address accepts the network, without a password',
    }),
    port: Type.Integer({ minimum: 0, maximum: 65_535, default: 8765 }),
    origins: Type.Array(Type.String({ pattern: '^[a-z]+://[^/]+$' }), {
      default: [],
      maxItems: 32,
      description:
        'Web pages that may connect from a browser, e.g. https://app.foxglove.dev; programs need none',
    }),
    ...pictures,
  },
  { ...closed, description: 'Serve results to programs that connect: JSON, or the protocol of Foxglove' },
);
export type WebSocketStream = Static<typeof WebSocketStream>;

export const McapStream = Type.Object(
  {
    folder: Type.String({
      minLength: 1,
      description: 'Folder for the files, which are named by their start',
    }),
    maxFileBytes: Type.Integer({
      minimum: 1_000_000,
      maximum: 1e12,
      default: 64_000_000,
      description: 'Size at which the next file begins',
    }),
    maxFiles: Type.Integer({
      minimum: 1,
      maximum: 10_000,
      default: 8,
      description: 'Most files; the oldest are removed',
    }),
    ...pictures,
  },
  { ...closed, description: 'Write results to MCAP files' },
);
export type McapStream = Static<typeof McapStream>;

const Field = Type.Union(resultFields.map((field) => Type.Literal<string>(field)));

/** What is the same for every kind. */
export const selectionProperties = {
  cameras: Type.Optional(
    Type.Array(Type.String({ minLength: 1 }), { minItems: 1, description: 'Cameras by name; default: all' }),
  ),
  rate: Type.Optional(
    Type.Number({
      exclusiveMinimum: 0,
      maximum: 1000,
      description: 'Most results a second of each camera; default: all',
    }),
  ),
  classes: Type.Optional(
    Type.Array(Type.String({ minLength: 1 }), { description: 'Detections of these classes; default: all' }),
  ),
  minScore: Type.Optional(
    Type.Number({ minimum: 0, maximum: 1, description: 'Detections from this score on; default: all' }),
  ),
  fields: Type.Optional(
    Type.Array(Field, { description: 'Fields of results and detections that are sent; default: all' }),
  ),
};

export const StreamSetting = Type.Object(
  {
    ...selectionProperties,
    fleet: Type.Optional(
      Type.Literal(true, {
        description:
          'Send results to the broker of the fleet, on the topic `results/<camera>` of the device (docs/mqtt.md)',
      }),
    ),
    mqtt: Type.Optional(MqttStream),
    webhook: Type.Optional(WebhookStream),
    websocket: Type.Optional(WebSocketStream),
    mcap: Type.Optional(McapStream),
  },
  { ...closed, default: {} },
);
export type StreamSetting = Static<typeof StreamSetting>;

export const StreamSettings = Type.Record(Type.String({ pattern: '^[a-z][a-z0-9-]{0,31}$' }), StreamSetting, {
  maxProperties: 16,
  additionalProperties: false,
  default: {},
  description: 'Streams of results beside ROS 2, by name; docs/streams.md',
});
