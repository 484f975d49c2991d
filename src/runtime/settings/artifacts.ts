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
          'OCI registry that models come from, e.g. https://registry.example:5000; default: the controller that the device is enrolled with. The agent shows its token and its certificate to this registry only',
      }),
    ),
    repositoryPrefix: Type.String({
      pattern: '^([a-z0-9._-]+(/[a-z0-9._-]+)*)?$',
      maxLength: 200,
      default: '',
      description: 'Prefix of the names of models in the registry, e.g. fleet/models',
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
      description: 'Time zone of the windows, e.g. Europe/Berlin',
    }),
    notOver: Type.Array(Type.String({ minLength: 1, maxLength: 32 }), {
      maxItems: 16,
      default: [],
      description:
        'Networks without downloads: the agent fetches no model while the default route leads over one of them: `mobile`, `wireless`, `wired`, `other`, or an interface such as `wwan0`',
    }),
    spreadSeconds: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 86_400,
        description:
          'Seconds over which the devices of a fleet spread their downloads of a new model; default: by the size of the fleet, 20 devices a second, and at once with fewer than 50 devices',
      }),
    ),
    peers: Type.Array(Type.String({ pattern: address, maxLength: 255 }), {
      maxItems: 32,
      default: [],
      description:
        'Other devices of the fleet that the agent asks for models first, e.g. https://cam-2.local:8445; only for devices with a certificate',
    }),
    peerPatienceSeconds: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 86_400,
        description:
          'Seconds for which a device at most waits for a peer to have the model before it asks the registry, so that few devices load the shared line; each device draws a random time below it; default: 18 s for each device of the fleet, 600 at least and 3600 at most',
      }),
    ),
    peerEngines: Type.Boolean({
      default: false,
      description:
        'Share TensorRT plans with peers of exactly the same kind, which saves minutes of building. A plan is code: an attacker on one device could then reach others of its kind',
    }),
    registryEngines: Type.Boolean({
      default: false,
      description:
        'The same by the registry of the controller, which has to allow it (`registry.deviceEngines`): plans that a device of exactly the same kind built are taken from there, and one’s own are given to it',
    }),
    peerServer: Type.Optional(
      Type.Object(
        {
          host: Type.String({ default: '0.0.0.0', description: 'Address to listen on' }),
          port: Type.Integer({ minimum: 0, maximum: 65_535, default: 8445 }),
          bytesPerSecond: Type.Integer({
            minimum: 1_000,
            maximum: 1e10,
            default: 10_000_000,
            description: 'Upper limit of what it sends to all peers together',
          }),
        },
        {
          additionalProperties: false,
          description: 'Serve models of this disk to other devices of the fleet; needs a certificate',
        },
      ),
    ),
  },
  {
    additionalProperties: false,
    default: {},
    description: 'Source and limits of downloads of models; docs/downloads.md',
  },
);
export type ArtifactSettings = Static<typeof ArtifactSettings>;
