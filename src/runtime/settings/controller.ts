import { type Static, Type } from '@sinclair/typebox';
import { defaultQuotas } from '../../controller/index.ts';
import { deviceIdPattern } from '../../protocol/index.ts';
import { alertSettings } from './alert-channels.ts';
import { Broker, furtherServers, mqttAddress } from './broker.ts';
import { Database } from './database.ts';
import { PeopleSettings } from './people.ts';
import { Ingest, Kubernetes, Roles } from './roles.ts';
import { ControllerTelemetry } from './telemetry.ts';

/** A DNS name or an IP address. */
const hostPattern = '^[A-Za-z0-9]([A-Za-z0-9.-]{0,252})$|^[0-9A-Fa-f:.]{2,45}$';

const mapTilesPattern = '^https?://[A-Za-z0-9.:-]+/\\S*\\{z\\}\\S*\\{[xy]\\}\\S*\\{[xy]\\}\\S*$';

/** Every setting of `goshawk controller`. */
export const ControllerSettings = Type.Object(
  {
    dataDir: Type.String({
      minLength: 1,
      description: 'Keys, model bundles and, without `database`, the database',
    }),
    database: Type.Optional(
      Type.Composite([Database], {
        additionalProperties: false,
        description: 'PostgreSQL for what the controller stores; absent: SQLite in `dataDir`',
      }),
    ),
    roles: Type.Optional(Roles),
    ingest: Ingest,
    kubernetes: Type.Optional(Kubernetes),
    broker: Broker,
    people: Type.Optional(PeopleSettings),
    http: Type.Object(
      {
        host: Type.String({
          default: '127.0.0.1',
          description: 'Behind a proxy with TLS keep it on 127.0.0.1',
        }),
        port: Type.Integer({ minimum: 0, maximum: 65_535, default: 8080 }),
        healthPort: Type.Optional(
          Type.Integer({
            minimum: 1,
            maximum: 65_535,
            description:
              'Port for a supervisor and Prometheus, open from the start on: GET /livez, /healthz and /metrics of this process, without a token; it still answers when `port` is overloaded',
          }),
        ),
        certFile: Type.Optional(
          Type.String({ description: 'PEM of its certificate; with keyFile the controller serves TLS' }),
        ),
        keyFile: Type.Optional(Type.String()),
        innerUrl: Type.Optional(
          Type.String({
            pattern: '^https?://',
            description:
              'Address under which processes with the role `api` reach this one while it leads; default: made of `host`, or of the host name where `host` is every address',
          }),
        ),
        leaderCaFile: Type.Optional(
          Type.String({
            description:
              'PEM of the authority that signed the certificates of the others, for a process with the role `api`',
          }),
        ),
        map: Type.Optional(
          Type.Object(
            {
              tiles: Type.String({
                pattern: mapTilesPattern,
                description:
                  'Address of map tiles, with {z}, {x} and {y}; the browsers of your users load them, and give the origin of the dashboard as Referer. Default: an outline of the land',
              }),
              attribution: Type.String({
                minLength: 1,
                maxLength: 200,
                description: 'Owner of the tiles; shown on the map',
              }),
            },
            { additionalProperties: false },
          ),
        ),
        publicUrl: Type.Optional(
          Type.String({
            pattern: '^https?://',
            description:
              'Address under which people and tools reach the controller: for links in alerts, and tokens of the registry',
          }),
        ),
      },
      { additionalProperties: false, default: {} },
    ),
    devices: Type.Optional(
      Type.Object(
        {
          names: Type.Array(Type.String({ pattern: hostPattern }), {
            minItems: 1,
            maxItems: 16,
            description:
              'Names or addresses under which devices reach this controller; claims name the first one',
          }),
          host: Type.String({ default: '0.0.0.0', description: 'Address to listen on' }),
          port: Type.Integer({ minimum: 0, maximum: 65_535, default: 8443 }),
          brokerUrl: Type.Optional(
            Type.String({
              pattern: mqttAddress,
              description:
                'Address of the broker that devices get; default: `broker.url`, with `broker.servers`',
            }),
          ),
          brokerServers: furtherServers(mqttAddress, 'brokerUrl'),
          brokerCaFile: Type.Optional(
            Type.String({
              description:
                'PEM of the authority that signed the broker, for devices; default: this controller’s own',
            }),
          ),
          brokerClients: Type.Array(
            Type.Object(
              {
                name: Type.String({
                  pattern: deviceIdPattern,
                  description: 'Name in its certificate; no device gets this name',
                }),
                updates: Type.Array(Type.String({ pattern: deviceIdPattern }), {
                  maxItems: 1_000,
                  default: [],
                  description:
                    'Devices whose `updates.mqtt` it answers: it may publish `call/updates` to them',
                }),
                results: Type.Array(Type.String({ pattern: `^\\+$|${deviceIdPattern}` }), {
                  maxItems: 1_000,
                  default: [],
                  description: 'Devices whose results it may read (docs/streams.md); `+`: all',
                }),
                ingest: Type.Boolean({
                  default: false,
                  description: 'It is a process with the role `ingest`: it may read metrics and events',
                }),
              },
              { additionalProperties: false },
            ),
            {
              maxItems: 1_000,
              default: [],
              description:
                'Programs of the site, bridges and services that have an account at the broker; `goshawk broker config` gives them their rights',
            },
          ),
          authorityDir: Type.Optional(
            Type.String({ minLength: 1, description: 'Certificate authority; default: `ca` in `dataDir`' }),
          ),
          outside: Type.Optional(
            Type.Object(
              {
                url: Type.String({
                  pattern: '^https://',
                  description: 'Address of the EST server, e.g. https://est.example',
                }),
                caFile: Type.String({
                  description: 'PEM of the root that signs the EST server, the devices and the broker',
                }),
                userFile: Type.Optional(
                  Type.String({ description: '`user:password` of this controller at the EST server' }),
                ),
                certFile: Type.String({
                  description:
                    'PEM of the certificate with which this controller listens for devices, and what leads to the root',
                }),
                keyFile: Type.String({ description: 'PEM of the key of that certificate' }),
              },
              {
                additionalProperties: false,
                description: 'EST server that signs devices, in place of the authority of this controller',
              },
            ),
          ),
          certificateDays: Type.Number({
            minimum: 0.01,
            maximum: 825,
            default: 180,
            description: 'Lifetime of the certificate of a device, which renews it in the last third',
          }),
          lateRenewalDays: Type.Number({
            minimum: 0,
            maximum: 1000,
            default: 60,
            description: 'How long after its end a device that was away may still renew its certificate',
          }),
        },
        {
          additionalProperties: false,
          description: 'Enrolment of devices (EST), and downloads for devices with a certificate, over TLS',
        },
      ),
    ),
    registry: Type.Object(
      {
        maxFileBytes: Type.Integer({
          minimum: 1_000_000,
          default: 4 * 1024 ** 3,
          description: 'Size of the largest blob that the registry accepts',
        }),
        keepUnusedHours: Type.Number({
          minimum: 1,
          default: 24,
          description: 'Hours after which unused blobs and abandoned uploads are removed',
        }),
        deviceEngines: Type.Boolean({
          default: false,
          description:
            'Take TensorRT plans that devices built, for devices of exactly the same kind (`artifacts.registryEngines`)',
        }),
        s3: Type.Optional(
          Type.Object(
            {
              endpoint: Type.String({
                pattern: '^https?://[^/]+/?$',
                description: 'Address of the store, without the bucket: https://s3.example',
              }),
              bucket: Type.String({ pattern: '^[a-z0-9][a-z0-9.-]{1,62}$' }),
              region: Type.String({ default: 'us-east-1' }),
              prefix: Type.String({
                pattern: '^([A-Za-z0-9._-]+/)*$',
                default: '',
                description: 'Prefix of the name of every object; ends with /',
              }),
              credentialsFile: Type.String({
                minLength: 1,
                description:
                  '`<access key id>:<secret access key>`, or with a blank in place of the colon where the id has one; readable by the controller alone',
              }),
            },
            {
              additionalProperties: false,
              description:
                'S3-compatible store for blobs, one object each; which blob belongs to which model is in `database`, or without it in `dataDir`',
            },
          ),
        ),
      },
      { additionalProperties: false, default: {} },
    ),
    trust: Type.Object(
      {
        mode: Type.Union([Type.Literal('required'), Type.Literal('throw-away'), Type.Literal('insecure')], {
          default: 'required',
          description:
            'required: once the owner has published keys, the controller orders only models that the owner signed; docs/trust.md. throw-away: keys of a demonstration, made here, sign every order. insecure: for a laboratory, the controller orders unsigned models too',
        }),
      },
      { additionalProperties: false, default: {} },
    ),
    drift: Type.Object(
      {
        falseDiscoveryRate: Type.Number({
          exclusiveMinimum: 0,
          maximum: 0.5,
          default: 0.1,
          description: 'Accepted share of false alarms among the drift alarms, over the whole fleet',
        }),
      },
      { additionalProperties: false, default: {} },
    ),
    ...alertSettings,
    quotas: Type.Object(
      {
        seriesPerDevice: Type.Integer({
          minimum: 100,
          maximum: 4096,
          default: defaultQuotas.seriesPerDevice,
          description:
            'Different metrics of a device, and as many new ones a day; the controller does not store more',
        }),
        seriesOfFleet: Type.Integer({
          minimum: 1_000,
          maximum: 10_000_000,
          default: defaultQuotas.seriesOfFleet,
          description: 'Different metrics of all devices; 140 to 470 bytes of memory each',
        }),
        messagesPerMinute: Type.Integer({
          minimum: 100,
          default: defaultQuotas.messagesPerMinute,
          description: 'Messages of a device in a minute; further ones wait on the device',
        }),
        bytesPerMinute: Type.Integer({
          minimum: 20_000_000,
          default: defaultQuotas.bytesPerMinute,
          description: 'Bytes of these messages',
        }),
        eventsPerMinute: Type.Integer({
          minimum: 60,
          default: defaultQuotas.eventsPerMinute,
          description: 'Events among these messages',
        }),
        birthsPerMinute: Type.Integer({
          minimum: 24,
          default: defaultQuotas.birthsPerMinute,
          description: 'Connections and disconnections of a device in a minute',
        }),
        requestsPerToken: Type.Integer({
          minimum: 1,
          maximum: 64,
          default: 4,
          description: 'Heavy requests (history, events, exports) of one token at the same time',
        }),
      },
      { additionalProperties: false, default: {} },
    ),
    retention: Type.Object(
      {
        rawHours: Type.Number({
          minimum: 0.1,
          default: 48,
          description: 'Hours that raw metrics are stored',
        }),
        minuteDays: Type.Number({
          minimum: 0.1,
          default: 30,
          description: 'Days that roll-ups of a minute are stored',
        }),
        hourDays: Type.Number({
          minimum: 1,
          default: 730,
          description: 'Days that roll-ups of an hour are stored',
        }),
        eventDays: Type.Number({
          minimum: 1,
          default: 365,
          description: 'Days that events, closed drift incidents and resolved alerts are stored',
        }),
        maxBytes: Type.Integer({
          minimum: 10_000_000,
          default: 20_000_000_000,
          description: 'Disk space for metrics; the oldest are removed',
        }),
      },
      { additionalProperties: false, default: {} },
    ),
    telemetry: ControllerTelemetry,
  },
  { additionalProperties: false },
);
export type ControllerSettings = Static<typeof ControllerSettings>;
