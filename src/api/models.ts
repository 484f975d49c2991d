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

/** What is left to send of a model before the controller can take it. */
export const ModelUpload = Type.Object(
  {
    name: Type.String(),
    version: Type.String(),
    digest: digest('Digest of the bundle'),
    repository: Type.String({ description: 'Repository of the files: /v2/<repository>/blobs/uploads/' }),
    token: Type.String({ description: 'For the registry alone, and this repository alone' }),
    expiresInSeconds: count(),
    files: Type.Array(
      Type.Object({ path: Type.String(), digest: digest(), size: count(), present: Type.Boolean() }),
    ),
  },
  { description: 'A model, and the files to upload' },
);
export type ModelUpload = Static<typeof ModelUpload>;

export const TakenModel = Type.Object(
  { name: Type.String(), version: Type.String(), digest: digest() },
  { description: 'The model that the controller holds now' },
);
export type TakenModel = Static<typeof TakenModel>;

const DigestParams = Type.Object({ digest: digest('Digest of the bundle: sha256:<64 hex digits>') });

export const modelRoutes = {
  'GET /models': {
    role: 'viewer',
    reach: 'part',
    tag: 'models',
    summary: 'Models that the controller holds',
    reply: ModelList,
  },
  'POST /models/uploads': {
    role: 'operator',
    reach: 'fleet',
    tag: 'models',
    summary: 'Check the manifest.json of a model, and get the list of files to upload to the registry',
    bytes: true,
    reply: ModelUpload,
  },
  'POST /models': {
    role: 'operator',
    reach: 'fleet',
    tag: 'models',
    summary: 'Add a model, given its manifest.json, after its files were uploaded to the registry',
    bytes: true,
    reply: TakenModel,
  },
  'DELETE /models/:digest': {
    role: 'admin',
    reach: 'fleet',
    tag: 'models',
    summary: 'Delete a model from the registry; devices that have it keep it',
    params: DigestParams,
  },
} as const satisfies RouteTable;
