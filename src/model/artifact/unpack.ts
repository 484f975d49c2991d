import { InputError } from '../../base/index.ts';
import { bundleFiles } from '../parse.ts';
import type { AnyManifest } from '../release.ts';
import type { Descriptor, ImageManifest } from './descriptor.ts';
import { bundleManifestType, envelopeType, filepathAnnotation, sealedType } from './media-types.ts';

/** A manifest.json has so many bytes at most. */
export const maxBundleManifestBytes = 4_000_000;

/** The layer that is the manifest.json of a bundle; undefined where the artifact is something else. */
export function bundleLayerOf({ layers }: ImageManifest): Descriptor | undefined {
  return layers.find(({ mediaType }) => mediaType === bundleManifestType);
}

/** The layer that says for whom the bundle's files are encrypted; undefined where they are not. */
export function envelopeLayerOf({ layers }: ImageManifest): Descriptor | undefined {
  return layers.find(({ mediaType }) => mediaType === envelopeType);
}

/**
 * The artifact has every file of the bundle, or has it encrypted, and says of none of them something else than manifest.json does. InputError
 * `artifact-bundle`. Layers that the bundle does not name may be there; nothing reads them.
 */
export function checkBundleArtifact({ layers }: ImageManifest, manifest: AnyManifest): void {
  if (layers.filter(({ mediaType }) => mediaType === bundleManifestType).length !== 1)
    throw wrong('it has not one manifest.json');
  const byPath = new Map<string, Descriptor>();
  for (const layer of layers) {
    const path = layer.annotations?.[filepathAnnotation];
    if (path === undefined) continue;
    if (byPath.has(path)) throw wrong(`it has two layers for ${path.slice(0, 200)}`);
    byPath.set(path, layer);
  }
  const isEncrypted = layers.some(({ mediaType }) => mediaType === envelopeType);
  for (const { path, digest, size } of bundleFiles(manifest)) {
    // What is in it shows when a device decrypts it, and holds it to the digest.
    if (isEncrypted && byPath.get(`${path}.sealed`)?.mediaType === sealedType) continue;
    const layer = byPath.get(path);
    if (layer === undefined) throw wrong(`the layer of ${path} is missing`);
    if (layer.digest !== digest || layer.size !== size)
      throw wrong(`the layer of ${path} is not the file that manifest.json names`);
  }
}

function wrong(what: string): InputError {
  return new InputError(
    'artifact-bundle',
    `The artifact is not the bundle that its manifest.json describes: ${what}.`,
    'Push the bundle again with goshawk model push.',
  );
}
