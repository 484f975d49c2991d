import { type Static, Type } from '@sinclair/typebox';

const listener = (port: number, description: string) =>
  Type.Object(
    {
      host: Type.String({
        minLength: 1,
        default: '127.0.0.1',
        description:
          'Address to listen on: the default accepts programs of this machine; another address needs tokenFile',
      }),
      port: Type.Integer({ minimum: 0, maximum: 65_535, default: port }),
      tokenFile: Type.Optional(
        Type.String({
          description: 'File with the token that requests carry: `Authorization: Bearer <token>`',
        }),
      ),
      certFile: Type.Optional(Type.String({ description: 'PEM of the certificate, for TLS' })),
      keyFile: Type.Optional(Type.String({ description: 'PEM of its key' })),
      maxBytes: Type.Integer({
        minimum: 1_000,
        maximum: 256_000_000,
        default: 8_000_000,
        description: 'Largest request; eight of them fit into memory at once',
      }),
    },
    { additionalProperties: false, description },
  );

export const InferenceSettings = Type.Object(
  {
    http: Type.Optional(listener(8000, 'Open Inference Protocol over HTTP')),
    grpc: Type.Optional(listener(8001, 'Open Inference Protocol over gRPC')),
    waitSeconds: Type.Number({
      minimum: 0.1,
      maximum: 600,
      default: 10,
      description: 'How long a request waits for the engine while cameras have it',
    }),
  },
  {
    additionalProperties: false,
    default: {},
    description: 'Answer programs that send a picture (docs/inference.md); cameras go first',
  },
);
export type InferenceSettings = Static<typeof InferenceSettings>;
export type InferenceListener = NonNullable<InferenceSettings['http']>;
