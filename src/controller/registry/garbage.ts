import { engineArtifactType, engineCertificateAnnotation } from '../../model/index.ts';
import type { BlobStore, ManifestRecord } from './ports.ts';
import type { Repository } from './repository.ts';

/** What a sweep took away. */
export interface Swept {
  readonly blobs: number;
  readonly bytes: number;
  readonly links: number;
  readonly uploads: number;
}

/** Blobs of a repository that no manifest of it needs, and that are older than that: a push may still be on its way. */
export function unneededLinks(repository: Repository, olderThanMs: number): Set<string> {
  const needed = new Set([...repository.manifests()].flatMap(({ blobs }) => blobs));
  return new Set(
    [...repository.blobs()].flatMap(({ digest, linkedMs }) =>
      linkedMs < olderThanMs && !needed.has(digest) ? [digest] : [],
    ),
  );
}

/** Without these manifests, and what they alone are made of. */
export function withoutManifests(
  repository: Repository,
  isGone: (manifest: ManifestRecord) => boolean,
): Repository {
  const gone = [...repository.manifests()].filter(isGone);
  if (gone.length === 0) return repository;
  const left = gone.reduce((rest, { digest }) => rest.withoutManifest(digest), repository);
  const theirs = new Set(gone.flatMap(({ blobs }) => blobs));
  const unneeded = [...unneededLinks(left, Number.POSITIVE_INFINITY)].filter((one) => theirs.has(one));
  return left.withoutBlobs(new Set(unneeded));
}

/** Without plans whose bundle is gone or for which no good certificate vouches. */
export function withoutDeadEngines(
  repository: Repository,
  isGood: (certificate: string | undefined) => boolean,
): Repository {
  return withoutManifests(
    repository,
    ({ artifactType, subject, annotations }) =>
      artifactType === engineArtifactType &&
      (repository.manifest(subject ?? '') === undefined ||
        !isGood(annotations?.[engineCertificateAnnotation])),
  );
}

/** Deletes blobs that nobody names and that are older than that. */
export async function sweep(
  store: BlobStore,
  named: (digest: string) => boolean,
  olderThanMs: number,
): Promise<{ readonly blobs: number; readonly bytes: number }> {
  let blobs = 0;
  let bytes = 0;
  for await (const { digest, size, modifiedMs } of store.list()) {
    // Asked for each: a push may have come since the sweep began.
    if (modifiedMs >= olderThanMs || named(digest)) continue;
    await store.delete(digest);
    blobs += 1;
    bytes += size;
  }
  return { blobs, bytes };
}
