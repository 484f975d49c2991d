import { encodeUtf8 } from '../../base/index.ts';
import type { Descriptor } from './descriptor.ts';
import { imageIndexType } from './media-types.ts';

/** An artifact that refers to another one. */
export interface Referrer extends Descriptor {
  readonly artifactType: string;
}

/**
 * The list of what refers to an artifact, with one more at its end: what clients of registries without a list of their own keep
 * under a tag (distribution specification 1.1). Undefined where it is in there already. Others stay as they are; what is no list is
 * begun anew.
 */
export function withReferrer(
  list: Uint8Array | undefined,
  { mediaType, digest, size, artifactType }: Referrer,
): Uint8Array | undefined {
  const known = entriesOf(list);
  if (known.some((entry) => (entry as { digest?: unknown } | null)?.digest === digest)) return undefined;
  const manifests = [...known, { mediaType, digest, size, artifactType }];
  return encodeUtf8(JSON.stringify({ schemaVersion: 2, mediaType: imageIndexType, manifests }));
}

function entriesOf(list: Uint8Array | undefined): readonly unknown[] {
  if (list === undefined) return [];
  try {
    const { manifests } = JSON.parse(new TextDecoder().decode(list)) as { manifests?: unknown };
    return Array.isArray(manifests) ? manifests : [];
  } catch {
    return [];
  }
}
