import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOf, envelopeName, readAnyBundle, readEnvelope } from '../../adapters/filesystem/index.ts';
import {
  type AnyManifest,
  type Bundle,
  type Descriptor,
  filepathAnnotation,
  type PackedBundle,
  packBundle,
  type SealedLayers,
} from '../../model/index.ts';

/** A blob of a bundle, and where its bytes are. */
export interface BundleBlob {
  readonly digest: string;
  readonly size: number;
  readonly from: Uint8Array | { readonly file: string; readonly start?: number };
}

export interface PackedFolder {
  readonly bundle: Bundle<AnyManifest>;
  readonly packed: PackedBundle;
  /** Everything but the manifest. */
  readonly blobs: readonly BundleBlob[];
}

/** Of a bundle whose networks are encrypted; undefined where they are not. */
async function sealedLayers({ location }: Bundle<AnyManifest>): Promise<SealedLayers | undefined> {
  const envelope = await readEnvelope(location);
  if (envelope === undefined) return undefined;
  const text = await readFile(join(location, envelopeName));
  return {
    envelope: { digest: digestOf(text), size: text.byteLength },
    files: new Map(envelope.files.map(({ blob, sealed, size }) => [blob, { digest: sealed, size }])),
  };
}

/** Verifies every byte of a bundle's folder, and says what it is as an artifact. */
export async function packFolder(folder: string): Promise<PackedFolder> {
  const bundle = await readAnyBundle(folder, 'digests');
  const json = new Uint8Array(await readFile(join(bundle.location, 'manifest.json')));
  const packed = packBundle(json, bundle.manifest, digestOf, await sealedLayers(bundle));
  const { descriptor, bytes } = packed.config;
  const files = packed.layers.map(({ digest, size, annotations }: Descriptor) => ({
    ...{ digest, size },
    from: { file: join(bundle.location, annotations?.[filepathAnnotation] ?? '') },
  }));
  return {
    bundle,
    packed,
    blobs: [{ digest: descriptor.digest, size: descriptor.size, from: bytes }, ...files],
  };
}
