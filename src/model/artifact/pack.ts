import { encodeUtf8 } from '../../base/index.ts';
import type { BundleFile } from '../manifest.ts';
import { bundleFiles } from '../parse.ts';
import { type AnyManifest, isRelease } from '../release.ts';
import type { Descriptor, ImageManifest } from './descriptor.ts';
import {
  bundleManifestType,
  envelopeType,
  filepathAnnotation,
  imageManifestType,
  layerTypeOf,
  modelArtifactType,
  modelConfigType,
  sealedType,
} from './media-types.ts';

/** Bytes with the digest and size by which they are named. */
export interface NamedBytes {
  readonly bytes: Uint8Array;
  readonly descriptor: Descriptor;
}

/** A bundle as an OCI artifact. What its files are is said by digest alone; the bytes stay where they are. */
export interface PackedBundle {
  readonly config: NamedBytes;
  readonly manifest: NamedBytes;
  /** manifest.json first, then the files. */
  readonly layers: readonly Descriptor[];
}

/** Files of a bundle that travel encrypted in the place of the plain ones. */
export interface SealedLayers {
  /** sealed.json. */
  readonly envelope: { readonly digest: string; readonly size: number };
  /** By the digest of the plain file. */
  readonly files: ReadonlyMap<string, { readonly digest: string; readonly size: number }>;
}

/** sha256 of bytes as OCI writes it. */
export type DigestOf = (bytes: Uint8Array) => string;

/**
 * The ModelPack artifact of a bundle: the same bytes for the same manifest.json wherever it is packed, so that two that pack
 * one bundle agree on its digest. `json`: the bytes of manifest.json, whose sha256 is the bundle's digest.
 */
export function packBundle(
  json: Uint8Array,
  manifest: AnyManifest,
  digestOf: DigestOf,
  sealed?: SealedLayers,
): PackedBundle {
  const first: Descriptor = {
    mediaType: bundleManifestType,
    digest: digestOf(json),
    size: json.byteLength,
    annotations: { [filepathAnnotation]: 'manifest.json' },
  };
  const weights = new Set(isRelease(manifest) ? [] : manifest.variants.map(({ file }) => file.path));
  const layers = [
    first,
    ...(sealed === undefined ? [] : [envelopeLayer(sealed)]),
    ...bundleFiles(manifest).map(
      (file) => sealedLayer(file, sealed) ?? layerOf(file, weights.has(file.path)),
    ),
  ];
  const config = named(modelConfigType, configOf(manifest, layers), digestOf);
  const image: ImageManifest = {
    schemaVersion: 2,
    mediaType: imageManifestType,
    artifactType: modelArtifactType,
    config: config.descriptor,
    layers,
    annotations: {
      ...(isTime(manifest.provenance.createdAt)
        ? { 'org.opencontainers.image.created': manifest.provenance.createdAt }
        : {}),
      'org.opencontainers.image.title': manifest.name,
      'org.opencontainers.image.version': manifest.version,
      'org.opencontainers.image.licenses': manifest.licence,
    },
  };
  return { config, manifest: named(imageManifestType, image, digestOf), layers };
}

function envelopeLayer({ envelope }: SealedLayers): Descriptor {
  return { mediaType: envelopeType, ...envelope, annotations: { [filepathAnnotation]: 'sealed.json' } };
}

function sealedLayer({ path, digest }: BundleFile, sealed: SealedLayers | undefined): Descriptor | undefined {
  const file = sealed?.files.get(digest);
  if (file === undefined) return undefined;
  return { mediaType: sealedType, ...file, annotations: { [filepathAnnotation]: `${path}.sealed` } };
}

function layerOf({ path, digest, size }: BundleFile, isWeight: boolean): Descriptor {
  return {
    mediaType: layerTypeOf(path, isWeight),
    digest,
    size,
    annotations: { [filepathAnnotation]: path },
  };
}

/** The fields of ModelPack's config that a bundle has an answer to. */
function configOf(manifest: AnyManifest, layers: readonly Descriptor[]) {
  const { name, version, licence, provenance } = manifest;
  const kinds = isRelease(manifest) ? [] : manifest.variants.map(({ kind }) => kind);
  return {
    descriptor: {
      ...(isTime(provenance.createdAt) ? { createdAt: provenance.createdAt } : {}),
      name,
      version,
      licenses: [licence],
    },
    modelfs: { type: 'layers', diffIds: layers.map(({ digest }) => digest) },
    config: isRelease(manifest)
      ? { format: manifest.package.format }
      : {
          format: 'onnx',
          precision: kinds.length === 1 ? kinds[0] : 'mixed',
          capabilities: { inputTypes: ['image'], outputTypes: ['other'] },
        },
  };
}

function named(mediaType: string, value: unknown, digestOf: DigestOf): NamedBytes {
  const bytes = encodeUtf8(JSON.stringify(value));
  return { bytes, descriptor: { mediaType, digest: digestOf(bytes), size: bytes.byteLength } };
}

function isTime(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/.test(text);
}
