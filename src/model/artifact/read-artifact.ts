import type { Static, TSchema } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { decodeUtf8, InputError, LimitError } from '../../base/index.ts';
import {
  type Descriptor,
  ImageIndex,
  ImageManifest,
  maxArtifactBytes,
  maxDescriptors,
} from './descriptor.ts';
import { dockerListType, dockerManifestType, imageIndexType, imageManifestType } from './media-types.ts';

/** A manifest as a registry has to know it: what it needs, whom it is about, and what it is called. */
export type ArtifactManifest =
  | { readonly kind: 'image'; readonly mediaType: string; readonly image: ImageManifest }
  | { readonly kind: 'index'; readonly mediaType: string; readonly index: ImageIndex };

/** InputError `artifact-...` or LimitError `artifact-size` for what is no manifest. */
export function readArtifact(bytes: Uint8Array, contentType?: string): ArtifactManifest {
  if (bytes.byteLength > maxArtifactBytes)
    throw new LimitError(
      'artifact-size',
      `A manifest of ${bytes.byteLength} bytes is more than ${maxArtifactBytes}.`,
      'Check that this is the manifest, and not a layer.',
    );
  const value = parse(bytes);
  const declared = mediaTypeIn(value);
  const given = contentType?.replace(/;.*$/s, '').trim();
  if (declared !== undefined && given !== undefined && given !== '' && declared !== given)
    throw invalid(`it says mediaType ${declared.slice(0, 100)}, and came as ${given.slice(0, 100)}`);
  const mediaType = declared ?? (given === undefined || given === '' ? typeByShape(value) : given);
  if (mediaType === imageManifestType || mediaType === dockerManifestType)
    return { kind: 'image', mediaType, image: fitting(ImageManifest, value, 'layers') };
  if (mediaType === imageIndexType || mediaType === dockerListType)
    return { kind: 'index', mediaType, index: fitting(ImageIndex, value, 'manifests') };
  throw invalid(`${mediaType.slice(0, 100)} is no manifest that is known here`);
}

/** What has to be there before the manifest may be: blobs, and other manifests. Layers that are kept elsewhere need not. */
export function neededBy(manifest: ArtifactManifest): {
  readonly blobs: readonly Descriptor[];
  readonly manifests: readonly Descriptor[];
} {
  if (manifest.kind === 'index') return { blobs: [], manifests: manifest.index.manifests };
  const { config, layers } = manifest.image;
  return { blobs: [config, ...layers.filter(({ mediaType }) => !isForeign(mediaType))], manifests: [] };
}

export function subjectOf(manifest: ArtifactManifest): Descriptor | undefined {
  return (manifest.kind === 'image' ? manifest.image : manifest.index).subject;
}

/** As the specification names a referrer: an image without a type of its own is what its config is. */
export function artifactTypeOf(manifest: ArtifactManifest): string | undefined {
  if (manifest.kind === 'index') return manifest.index.artifactType;
  return manifest.image.artifactType ?? manifest.image.config.mediaType;
}

export function annotationsOf(manifest: ArtifactManifest): Readonly<Record<string, string>> | undefined {
  return (manifest.kind === 'image' ? manifest.image : manifest.index).annotations;
}

function isForeign(mediaType: string): boolean {
  return /\.nondistributable\.|\.foreign\./.test(mediaType);
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decodeUtf8(bytes));
  } catch (cause) {
    throw new InputError(
      'artifact-not-json',
      'The manifest is not JSON.',
      'Push it again with a tool for OCI.',
      {
        cause,
      },
    );
  }
}

/** The index of a layout, as skopeo and oras write it, does not say that it is one. */
function typeByShape(value: unknown): string {
  const isIndex = typeof value === 'object' && value !== null && 'manifests' in value && !('layers' in value);
  return isIndex ? imageIndexType : imageManifestType;
}

function mediaTypeIn(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || !('mediaType' in value)) return undefined;
  if (typeof value.mediaType === 'string') return value.mediaType;
  throw invalid('its mediaType is not a text');
}

function fitting<T extends TSchema>(schema: T, value: unknown, list: string): Static<T> {
  const items = (value as Record<string, unknown> | null)?.[list];
  if (Array.isArray(items) && items.length > maxDescriptors)
    throw new LimitError(
      'artifact-size',
      `The manifest has ${items.length} ${list}; ${maxDescriptors} are taken.`,
      'Put several files into one layer.',
    );
  if (Value.Check(schema, value)) return value;
  const first = Value.Errors(schema, value).First();
  throw invalid(`${(first?.path ?? '').slice(0, 100)} ${first?.message ?? 'does not fit'}`.trim());
}

function invalid(what: string): InputError {
  return new InputError(
    'artifact-invalid',
    `This is no manifest of an OCI artifact: ${what}.`,
    'Push it again with a tool for OCI.',
  );
}
