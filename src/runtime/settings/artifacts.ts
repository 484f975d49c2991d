import { type Static, Type } from '@sinclair/typebox';

const address = '^https?://[^\\s/?#]+(/[^\\s?#]*)?$';

/** Where this device gets models, and how. Read from its own settings alone: no order changes it. */
export const ArtifactSettings = Type.Object(
  {
    tokenFile: Type.Optional(Type.String({ description: 'Token of role `device`, for downloads of models' })),
    registry: Type.Optional(
      Type.String({
        pattern: address,
        description:
          'OCI registry that models come from, e.g. https://registry.example:5000; default: the controller that the device is enrolled with. Nobody else is shown the token or the certificate',
      }),
    ),
    repositoryPrefix: Type.String({
      pattern: '^([a-z0-9._-]+(/[a-z0-9._-]+)*)?$',
      maxLength: 200,
      default: '',
      description: 'What stands in front of the names of models there, e.g. fleet/models',
    }),
    bytesPerSecond: Type.Optional(
      Type.Integer({
        minimum: 1_000,
        maximum: 1e10,
        description:
          'Most that downloads take of the network, from the registry and from peers; default: no limit',
      }),
    ),
    windows: Type.Array(
      Type.String({
        pattern: '^([A-Za-z,-]+ )?\\d\\d:\\d\\d-\\d\\d:\\d\\d$',
        maxLength: 64,
      }),
      {
        maxItems: 32,
        default: [],
        description:
          'When models may be fetched: `22:00-05:30`, `mon-fri 20:00-06:00`, `sat,sun 00:00-24:00`; default: always',
      },
    ),
    timeZone: Type.String({
      minLength: 1,
      maxLength: 64,
      default: 'UTC',
      description: 'Of the windows, e.g. Europe/Berlin',
    }),
    notOver: Type.Array(Type.String({ minLength: 1, maxLength: 32 }), {
      maxItems: 16,
      default: [],
      description:
        'Networks over which nothing is fetched, while the default route leads over them: `mobile`, `wireless`, `wired`, `other`, or an interface such as `wwan0`',
    }),
    spreadSeconds: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 86_400,
        description:
          'Devices of a fleet begin to fetch a new model within so many seconds, each at a time of its own, so that they do not come at once; default: by the size of the fleet, 20 devices in a second, and at once where there are fewer than 50',
      }),
    ),
    peers: Type.Array(Type.String({ pattern: address, maxLength: 255 }), {
      maxItems: 32,
      default: [],
      description:
        'Other devices of the fleet that are asked for models first, e.g. https://cam-2.local:8445; only for devices with a certificate',
    }),
    peerPatienceSeconds: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 86_400,
        description:
          'Where no peer has a model yet, a device asks them again for a time of its own within so many seconds before it asks the registry, so that few fetch it over the line that all share; default: 18 s for each device of the fleet, 600 at least and 3600 at most',
      }),
    ),
    peerEngines: Type.Boolean({
      default: false,
      description:
        'Take TensorRT plans that a peer of exactly the same kind built, and give one’s own: minutes of building are spared. A plan is code: who breaks into one device could then reach others of its kind',
    }),
    registryEngines: Type.Boolean({
      default: false,
      description:
        'The same by the registry of the controller, which has to allow it (`registry.deviceEngines`): plans that a device of exactly the same kind built are taken from there, and one’s own are given to it',
    }),
    peerServer: Type.Optional(
      Type.Object(
        {
          host: Type.String({ default: '0.0.0.0', description: 'Where it listens' }),
          port: Type.Integer({ minimum: 0, maximum: 65_535, default: 8445 }),
          bytesPerSecond: Type.Integer({
            minimum: 1_000,
            maximum: 1e10,
            default: 10_000_000,
            description: 'Most that it gives, to all peers together',
          }),
        },
        {
          additionalProperties: false,
          description: 'Give models that are on this disk to other devices of the fleet; needs a certificate',
        },
      ),
    ),
  },
  {
    additionalProperties: false,
    default: {},
    description: 'Where models come from, and how; docs/downloads.md',
  },
);
export type ArtifactSettings = Static<typeof ArtifactSettings>;
