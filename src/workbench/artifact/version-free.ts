import type { RegistryClient, SmallDocument } from '../../adapters/oci/index.ts';
import { GoshawkError, InputError, RefusedError } from '../../base/index.ts';
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
  const held = bundleIn(found);
  if (held === undefined || held === digest) return;
  throw new RefusedError(
    'registry-version-taken',
    `${describeReference(reference)} is there with other content (${held}).`,
    'Give the bundle another version, or delete the one that is there.',
  );
}

/** What can't be read was damaged: nobody can pull it, and a push is its remedy. */
function bundleIn({ bytes, mediaType }: SmallDocument): string | undefined {
  try {
    const artifact = readArtifact(bytes, mediaType);
    return artifact.kind === 'image' ? bundleLayerOf(artifact.image)?.digest : undefined;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return undefined;
  }
}

/** Of a repository that is not there yet some registries say that it may not be read. */
function refused(error: unknown): undefined {
  if (!(error instanceof GoshawkError && error.code === 'registry-refused')) throw error;
}
