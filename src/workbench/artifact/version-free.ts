import type { RegistryClient } from '../../adapters/oci/index.ts';
import { GoshawkError, RefusedError } from '../../base/index.ts';
import { bundleLayerOf, type Reference, readArtifact, tagOf } from '../../model/index.ts';
import { describeReference } from './target.ts';

/** RefusedError `registry-version-taken` where the registry has other bytes under this version. Other tags may move. */
export async function expectVersionFree(
  client: Pick<RegistryClient, 'findManifest'>,
  reference: Reference,
  { version, digest }: { readonly version: string; readonly digest: string },
): Promise<void> {
  const { repository, tag } = reference;
  if (tag === undefined || tag !== tagOf(version)) return;
  const found = await client.findManifest(repository, tag).catch(refused);
  if (found === undefined) return;
  const artifact = readArtifact(found.bytes, found.mediaType);
  const held = artifact.kind === 'image' ? bundleLayerOf(artifact.image)?.digest : undefined;
  if (held === undefined || held === digest) return;
  throw new RefusedError(
    'registry-version-taken',
    `${describeReference(reference)} is there with other content (${held}).`,
    'Give the bundle another version, or delete the one that is there.',
  );
}

/** Of a repository that is not there yet some registries say that it may not be read. */
function refused(error: unknown): undefined {
  if (!(error instanceof GoshawkError && error.code === 'registry-refused')) throw error;
}
