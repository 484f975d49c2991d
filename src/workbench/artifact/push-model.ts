import type { RegistryClient } from '../../adapters/oci/index.ts';
import { imageManifestType, type NamedBytes, type Reference, tagOf } from '../../model/index.ts';
import type { WorkPorts } from '../ports.ts';
import { type BundleBlob, packFolder } from './packed-folder.ts';
import { describeReference, type RegistryOptions, targetOf } from './target.ts';

export interface PushedModel {
  readonly name: string;
  readonly version: string;
  /** The bundle's. */
  readonly digest: string;
  /** The artifact's. */
  readonly manifestDigest: string;
  readonly reference: string;
  /** Bytes that were sent, and that the registry had already. */
  readonly sentBytes: number;
  readonly presentBytes: number;
}

/** Pushes a bundle as an artifact. What the registry has already is not sent; the manifest is sent last. */
export async function pushModel(
  folder: string,
  reference: string | undefined,
  options: RegistryOptions,
  ports: WorkPorts,
): Promise<PushedModel> {
  const { bundle, packed, blobs } = await packFolder(folder);
  const { name, version } = bundle.manifest;
  const target = await targetOf(reference, bundle.manifest, options, ports);
  const whole = withTag(target.reference, version);
  const sent = await pushArtifact(target.client, whole, packed.manifest, blobs, ports);
  return {
    ...{ name, version, digest: bundle.digest, manifestDigest: packed.manifest.descriptor.digest },
    reference: describeReference(whole),
    ...sent,
  };
}

/** Without a tag the version is one. */
export function withTag(reference: Reference, version: string): Reference {
  return reference.tag === undefined ? { ...reference, tag: tagOf(version) } : reference;
}

export async function pushArtifact(
  client: RegistryClient,
  { repository, tag }: Reference,
  manifest: NamedBytes,
  blobs: readonly BundleBlob[],
  { startProgress }: WorkPorts,
): Promise<{ readonly sentBytes: number; readonly presentBytes: number }> {
  const unique = [...new Map(blobs.map((blob) => [blob.digest, blob])).values()];
  const progress = await startProgress(
    'pushing',
    unique.reduce((sum, { size }) => sum + size, 0),
  );
  let sentBytes = 0;
  let presentBytes = 0;
  try {
    for (const blob of unique) {
      let shown = 0;
      const show = (bytes: number) => {
        progress.advance(Math.max(0, bytes - shown), blob.digest.slice(7, 19));
        shown = Math.max(shown, bytes);
      };
      if (await client.hasBlob(repository, blob.digest)) presentBytes += blob.size;
      else {
        await client.pushBlob(repository, blob, show);
        sentBytes += blob.size;
      }
      show(blob.size);
    }
    const { digest } = manifest.descriptor;
    await client.pushManifest(repository, tag ?? digest, manifest.bytes, imageManifestType);
  } finally {
    progress.stop();
  }
  return { sentBytes, presentBytes };
}
