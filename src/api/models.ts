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
    description: 'False while files are missing; only a complete model can be set as desired',
  }),
  missing: Type.Array(Type.String(), { description: 'Paths of files that were not uploaded yet' }),
  devices: count('Devices that report it as loaded'),
});
export type ModelInfo = Static<typeof ModelInfo>;

export const ModelList = Type.Object(
  { models: Type.Array(ModelInfo) },
  { description: 'By name, the newest upload of a name first' },
);
export type ModelList = Static<typeof ModelList>;

export const UploadAnswer = Type.Object(
  { complete: Type.Boolean(), missing: Type.Array(Type.String()) },
  { description: 'What is still to come' },
);
export type UploadAnswer = Static<typeof UploadAnswer>;

const DigestParams = Type.Object({ digest: digest('Digest of the bundle: sha256:<64 hex digits>') });
const FileParams = Type.Object({
  digest: digest('Digest of the bundle: sha256:<64 hex digits>'),
  '*': Type.String({ minLength: 1, maxLength: 200, description: 'Path inside the bundle' }),
});

export const modelRoutes = {
  'GET /models': {
    role: 'viewer',
    tag: 'models',
    summary: 'Models that the controller holds',
    reply: ModelList,
  },
  'PUT /artifacts/:digest/files/*': {
    role: 'operator',
    tag: 'models',
    summary: 'Upload one file of a bundle as raw bytes',
    params: FileParams,
    bytes: true,
    reply: UploadAnswer,
  },
  'PUT /artifacts/:digest/manifest': {
    role: 'operator',
    tag: 'models',
    summary: 'Upload manifest.json, byte for byte: its sha256 is the digest. Says which files are missing',
    params: DigestParams,
    bytes: true,
    reply: UploadAnswer,
  },
  'GET /artifacts/:digest/*': {
    role: 'device',
    tag: 'models',
    summary: 'A file of a bundle: manifest.json or a path that it names. Takes range requests',
    params: FileParams,
    raw: 'The bytes of the file',
  },
  'DELETE /artifacts/:digest': {
    role: 'admin',
    tag: 'models',
    summary: 'Delete a bundle; devices that have it keep it',
    params: DigestParams,
  },
} as const satisfies RouteTable;
