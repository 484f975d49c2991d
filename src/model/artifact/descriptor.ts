import { type Static, Type } from '@sinclair/typebox';
import { Digest } from '../manifest.ts';

/* What the registry and the workbench read of manifests that come from outside. Fields that nobody here reads may be there. */

/** Bytes of a manifest; the specification wants at least 4 MB to be taken. */
export const maxArtifactBytes = 4 * 1024 * 1024;
/** Layers of an image, or manifests of an index. A bundle has 1,016 files at most, beside its manifest. */
export const maxDescriptors = 2_000;

const MediaType = Type.String({ minLength: 1, maxLength: 255 });
const Annotations = Type.Record(Type.String({ maxLength: 255 }), Type.String({ maxLength: 65_536 }));

export const Descriptor = Type.Object({
  mediaType: MediaType,
  digest: Digest,
  size: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
  artifactType: Type.Optional(MediaType),
  annotations: Type.Optional(Annotations),
});
export type Descriptor = Static<typeof Descriptor>;

export const ImageManifest = Type.Object({
  schemaVersion: Type.Literal(2),
  mediaType: Type.Optional(MediaType),
  artifactType: Type.Optional(MediaType),
  config: Descriptor,
  layers: Type.Array(Descriptor, { maxItems: maxDescriptors }),
  subject: Type.Optional(Descriptor),
  annotations: Type.Optional(Annotations),
});
export type ImageManifest = Static<typeof ImageManifest>;

export const ImageIndex = Type.Object({
  schemaVersion: Type.Literal(2),
  mediaType: Type.Optional(MediaType),
  artifactType: Type.Optional(MediaType),
  manifests: Type.Array(Descriptor, { maxItems: maxDescriptors }),
  subject: Type.Optional(Descriptor),
  annotations: Type.Optional(Annotations),
});
export type ImageIndex = Static<typeof ImageIndex>;
