import { type Static, Type } from '@sinclair/typebox';
import type { RouteTable } from './route.ts';
import { count, timeMs } from './scalars.ts';

const Signed = { version: count(), expiresMs: timeMs() };

export const TrustStatus = Type.Object(
  {
    signed: Type.Boolean({ description: 'Roots and targets of the owner are here; orders are signed' }),
    onlineKey: Type.Object(
      {
        id: Type.String(),
        key: Type.Object({
          keytype: Type.String(),
          scheme: Type.String(),
          keyval: Type.Object({ public: Type.String() }),
        }),
      },
      { description: 'The key of this controller, as the root has to name it' },
    ),
    root: Type.Optional(Type.Object(Signed)),
    targets: Type.Optional(Type.Object({ ...Signed, models: count('Versions of models that are signed') })),
  },
  { description: 'Signed documents, and the key with which this controller signs' },
);
export type TrustStatus = Static<typeof TrustStatus>;

export const trustRoutes = {
  'GET /trust': {
    role: 'viewer',
    reach: 'none',
    tag: 'trust',
    summary: 'How far models and orders are signed',
    reply: TrustStatus,
  },
  'PUT /trust': {
    role: 'admin',
    reach: 'fleet',
    tag: 'trust',
    summary: 'Publish roots and targets that were signed offline, as `goshawk keys publish` does',
    bytes: true,
    reply: TrustStatus,
  },
  'GET /trust/published': {
    role: 'viewer',
    reach: 'none',
    tag: 'trust',
    summary: 'Roots and targets as they were published',
    raw: 'JSON, as PUT /trust takes it',
  },
  'GET /trust/anchor': {
    role: 'device',
    reach: 'none',
    tag: 'trust',
    summary: 'The newest roots, as a device is flashed with them. Compare them with those that you signed',
    raw: 'JSON: the roots of both repositories',
  },
} as const satisfies RouteTable;

/** Signed metadata (TUF), outside of the prefix; any web server may mirror it. */
export const tufRoutes = {
  'GET /tuf/image/:file': {
    tag: 'trust',
    summary: 'Metadata of what the owner signed',
    params: Type.Object({ file: Type.String({ maxLength: 200 }) }),
    raw: 'TUF metadata',
  },
  'GET /tuf/director/:device/:file': {
    role: 'device',
    reach: 'device',
    tag: 'trust',
    summary: 'Metadata of what one device is to run',
    params: Type.Object({
      device: Type.String({ maxLength: 128 }),
      file: Type.String({ maxLength: 200 }),
    }),
    raw: 'TUF metadata',
  },
} as const satisfies RouteTable;
