import { type Static, Type } from '@sinclair/typebox';

export const Database = Type.Object(
  {
    url: Type.String({
      pattern: '^postgres(ql)?://',
      description:
        'postgres://goshawk@db.example:5432/goshawk, without a password; a socket: postgres:///goshawk?host=/run/postgresql&user=goshawk',
    }),
    passwordFile: Type.Optional(Type.String({ description: 'File that holds only the password' })),
    tls: Type.Union([Type.Literal('verify'), Type.Literal('off')], {
      default: 'verify',
      description:
        'verify: TLS, and the certificate of the server is checked; not needed within this machine. off: for a trusted network',
    }),
    caFile: Type.Optional(Type.String({ description: 'PEM of the authority that signed the server' })),
    certFile: Type.Optional(
      Type.String({ description: 'PEM of a client certificate, in place of a password' }),
    ),
    keyFile: Type.Optional(Type.String({ description: 'PEM of the key to it' })),
  },
  { additionalProperties: false },
);
export type DatabaseSetting = Static<typeof Database>;
