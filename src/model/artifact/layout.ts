import type { Descriptor, ImageIndex } from './descriptor.ts';
import { imageIndexType } from './media-types.ts';

/* The OCI image layout 1.0: an artifact as files, for sites without a network. */

export const layoutFile = 'oci-layout';
export const layoutText = '{"imageLayoutVersion":"1.0.0"}';
export const indexFile = 'index.json';
/** Of an entry of the index: the tag, as skopeo, oras and others read it. */
export const refNameAnnotation = 'org.opencontainers.image.ref.name';

/** `blobs/sha256/<hex>` */
export function blobPath(digest: string): string {
  return `blobs/${digest.replace(':', '/')}`;
}

export function layoutIndex(
  entries: readonly { readonly manifest: Descriptor; readonly tag: string }[],
): ImageIndex {
  return {
    schemaVersion: 2,
    mediaType: imageIndexType,
    manifests: entries.map(({ manifest, tag }) => ({
      ...manifest,
      annotations: { ...manifest.annotations, [refNameAnnotation]: tag },
    })),
  };
}
