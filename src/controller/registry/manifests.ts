import { type Clock, defined } from '../../base/index.ts';
import {
  type ArtifactManifest,
  annotationsOf,
  artifactTypeOf,
  bundleLayerOf,
  type Descriptor,
  type DigestOf,
  type ImageIndex,
  imageIndexType,
  isDigest,
  neededBy,
  readArtifact,
  subjectOf,
} from '../../model/index.ts';
import type { BlobUploads } from './blob-uploads.ts';
import { digestWrong, manifestUnknown, notThereYet } from './failures.ts';
import type { ManifestRecord } from './ports.ts';
import type { Repositories } from './repositories.ts';
import type { Repository } from './repository.ts';

export interface ManifestsPorts {
  readonly repositories: Repositories;
  readonly uploads: BlobUploads;
  readonly clock: Clock;
  readonly digestOf: DigestOf;
}

/** A repository, a tag of it, and the version that the tag is of. */
export interface NamedPlace {
  readonly name: string;
  readonly tag: string;
  readonly version: string;
}

/** Of a manifest that is put; both are undefined for one that is no bundle. */
export interface TaggedBundle {
  readonly bundle: string | undefined;
  readonly place: NamedPlace | undefined;
}

/** Manifests of repositories: what they need has to be there, and what is there is exactly what was sent. */
export class Manifests {
  readonly #ports: ManifestsPorts;

  constructor(ports: ManifestsPorts) {
    this.#ports = ports;
  }

  find(name: string, reference: string): ManifestRecord {
    const found = this.#ports.repositories.get(name)?.manifest(reference);
    if (found === undefined) throw manifestUnknown(`${name}:${reference}`);
    return found;
  }

  /**
   * `check` sees what it is before anything is kept, and says where else it has to be: that repository has it first, by digest
   * and without a byte copied. Tags and manifest become visible in one step. InputError `manifest-blob-unknown` where it needs
   * what is not there.
   */
  async put(
    name: string,
    reference: string,
    bytes: Uint8Array,
    given: {
      readonly contentType?: string | undefined;
      readonly tags?: readonly string[];
      readonly check?: (manifest: ArtifactManifest) => Promise<NamedPlace | undefined>;
      /** Throws where it may not be kept in the repository as that is in the very step that keeps it. */
      readonly expect?: (now: Repository) => void;
      /** In the same step: throws where one of the tags may not name it. */
      readonly expectTags?: (now: Repository, tags: readonly string[], what: TaggedBundle) => void;
    },
  ): Promise<ManifestRecord> {
    const { repositories, uploads, digestOf, clock } = this.#ports;
    const digest = digestOf(bytes);
    if (isDigest(reference) && reference !== digest) throw digestWrong(digest, reference);
    const manifest = readArtifact(bytes, given.contentType);
    const record = recordOf(manifest, digest, bytes.byteLength, clock.wallMs());
    expectNeeds(repositories.get(name), manifest);
    const place = await given.check?.(manifest);
    const isHere = place?.name === name;
    const named = isDigest(reference) ? [] : [reference];
    const tags = [...named, ...(given.tags ?? []), ...(isHere ? [place.tag] : [])];
    const what = { bundle: record.bundle, place };
    if (place !== undefined && !isHere) {
      await uploads.put(bytes, digest);
      const links = neededBy(manifest).blobs.map(({ digest: of, size }) => ({
        ...{ digest: of, size, linkedMs: record.pushedMs },
      }));
      await repositories.change(place.name, (now) => {
        given.expectTags?.(now, [place.tag], what);
        return now.withBlobs(links).withManifest(record, [place.tag]);
      });
    }
    await repositories.change(name, async (now) => {
      // Once more: something may have been deleted meanwhile.
      expectNeeds(now, manifest);
      given.expect?.(now);
      given.expectTags?.(now, tags, what);
      await uploads.put(bytes, digest);
      return now.withManifest(record, tags);
    });
    return record;
  }

  /** A tag, or a manifest with all its tags. Returns the manifest that is gone now. */
  async delete(name: string, reference: string): Promise<ManifestRecord | undefined> {
    let gone: ManifestRecord | undefined;
    await this.#ports.repositories.change(name, (now) => {
      const found = now.manifest(reference);
      if (found === undefined) throw manifestUnknown(`${name}:${reference}`);
      if (!isDigest(reference)) return now.withoutTag(reference);
      gone = found;
      return now.withoutManifest(reference);
    });
    return gone;
  }

  /** As an image index; one without entries where there are none. */
  referrers(name: string, subject: string, artifactType: string | undefined): ImageIndex {
    const all = this.#ports.repositories.get(name)?.referrers(subject) ?? [];
    const wanted = all.filter(
      (manifest) => artifactType === undefined || manifest.artifactType === artifactType,
    );
    return {
      schemaVersion: 2,
      mediaType: imageIndexType,
      manifests: wanted.map(({ mediaType, digest, size, artifactType: type, annotations }) => ({
        ...{ mediaType, digest, size },
        ...defined({ artifactType: type, annotations }),
      })),
    };
  }
}

function expectNeeds(repository: Repository | undefined, manifest: ArtifactManifest): void {
  const { blobs, manifests } = neededBy(manifest);
  for (const { digest, size } of blobs) {
    const there = repository?.blob(digest);
    if (there === undefined) throw notThereYet(`the blob ${digest}`);
    if (there.size !== size)
      throw notThereYet(`the blob ${digest} with ${size} bytes, and it has ${there.size}`);
  }
  for (const { digest } of manifests)
    if (repository?.manifest(digest) === undefined) throw notThereYet(`the manifest ${digest}`);
}

function recordOf(
  manifest: ArtifactManifest,
  digest: string,
  size: number,
  pushedMs: number,
): ManifestRecord {
  const { blobs, manifests } = neededBy(manifest);
  const subject = subjectOf(manifest)?.digest;
  const artifactType = artifactTypeOf(manifest);
  const annotations = annotationsOf(manifest);
  const bundle = manifest.kind === 'image' ? bundleLayerOf(manifest.image)?.digest : undefined;
  const digests = (all: readonly Descriptor[]) => [...new Set(all.map((one) => one.digest))];
  return {
    ...{ digest, mediaType: manifest.mediaType, size, pushedMs },
    ...{ blobs: digests(blobs), manifests: digests(manifests) },
    ...defined({ subject, artifactType, annotations, bundle }),
  };
}
