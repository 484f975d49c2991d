import type { RegistryClient } from '../../adapters/oci/index.ts';
import { imageManifestType, type NamedBytes, type Reference } from '../../model/index.ts';
import type { WorkPorts } from '../ports.ts';
import type { BundleBlob } from './packed-folder.ts';

/** What the registry has already is not sent; the manifest is sent last. */
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
