import type { RegistryClient } from '../../adapters/oci/index.ts';
import { imageManifestType, type NamedBytes, type Reference } from '../../model/index.ts';
import type { WorkPorts } from '../ports.ts';
import type { BundleBlob } from './packed-folder.ts';

export interface Pushed {
  readonly sentBytes: number;
  readonly presentBytes: number;
  /** The registry lists it among what refers to its subject. */
  readonly listed: boolean;
}

/** What the registry has already is not sent; the manifest is sent last. */
export async function pushArtifact(
  client: RegistryClient,
  { repository, tag }: Reference,
  manifest: NamedBytes,
  blobs: readonly BundleBlob[],
  { startProgress }: WorkPorts,
): Promise<Pushed> {
  const unique = [...new Map(blobs.map((blob) => [blob.digest, blob])).values()];
  const progress = await startProgress(
    'pushing',
    unique.reduce((sum, { size }) => sum + size, 0),
  );
  let sentBytes = 0;
  let presentBytes = 0;
  let listed = false;
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
    const subject = await client.pushManifest(repository, tag ?? digest, manifest.bytes, imageManifestType);
    listed = subject !== undefined;
  } finally {
    progress.stop();
  }
  return { sentBytes, presentBytes, listed };
}
