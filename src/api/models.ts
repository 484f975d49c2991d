import { type Static, Type } from '@sinclair/typebox';
import type { RouteTable } from './route.ts';
import { count, digest, timeMs } from './scalars.ts';

export const ModelInfo = Type.Object({
  name: Type.String(),
  version: Type.String(),
  digest: digest(),
  task: Type.String(),
  licence: Type.String(),
  labels: Type.Array(Type.String()),
  variants: Type.Array(
    Type.Object({
      kind: Type.String(),
      sizeBytes: count(),
      map: Type.Optional(Type.Number()),
      ap50: Type.Optional(Type.Number()),
      dataset: Type.Optional(Type.String()),
    }),
  ),
  sizeBytes: count(),
  uploadedMs: timeMs(),
  complete: Type.Boolean({
    description: 'False where the registry has lost files of it; only a complete model can be set as desired',
  }),
  missing: Type.Array(Type.String(), { description: 'Paths of files that are gone: push the model again' }),
  devices: count('Devices that report it as loaded'),
});
export type ModelInfo = Static<typeof ModelInfo>;

export const ModelList = Type.Object(
  { models: Type.Array(ModelInfo) },
  { description: 'By name, the newest upload of a name first' },
);
export type ModelList = Static<typeof ModelList>;

const DigestParams = Type.Object({ digest: digest('Digest of the bundle: sha256:<64 hex digits>') });

export const modelRoutes = {
  'GET /models': {
    role: 'viewer',
    reach: 'part',
    tag: 'models',
    summary: 'Models that the controller holds',
    reply: ModelList,
  },
  'DELETE /models/:digest': {
    role: 'admin',
    reach: 'fleet',
    tag: 'models',
    summary: 'Delete a model from the registry; devices that have it keep it',
    params: DigestParams,
  },
} as const satisfies RouteTable;
