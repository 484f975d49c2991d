import { isDigest } from '../../model/index.ts';
import type { BlobLink, ManifestRecord, RepositoryRecord } from './ports.ts';

/** One repository as it is at a moment. A change makes another, which takes its place when it is on the disk. */
export class Repository {
  readonly name: string;
  readonly #blobs: ReadonlyMap<string, BlobLink>;
  readonly #manifests: ReadonlyMap<string, ManifestRecord>;
  readonly #tags: ReadonlyMap<string, string>;

  constructor({ name, blobs, manifests, tags }: RepositoryRecord) {
    this.name = name;
    this.#blobs = new Map(blobs.map((blob) => [blob.digest, blob]));
    this.#manifests = new Map(manifests.map((manifest) => [manifest.digest, manifest]));
    this.#tags = new Map(Object.entries(tags));
  }

  static empty(name: string): Repository {
    return new Repository({ name, blobs: [], manifests: [], tags: {} });
  }

  get record(): RepositoryRecord {
    return {
      name: this.name,
      blobs: [...this.#blobs.values()],
      manifests: [...this.#manifests.values()],
      tags: Object.fromEntries(this.#tags),
    };
  }

  get isEmpty(): boolean {
    return this.#blobs.size === 0 && this.#manifests.size === 0;
  }

  get counts(): { readonly blobs: number; readonly manifests: number; readonly tags: number } {
    return { blobs: this.#blobs.size, manifests: this.#manifests.size, tags: this.#tags.size };
  }

  /** In the order of their bytes. */
  tags(): string[] {
    return [...this.#tags.keys()].sort();
  }

  blob(digest: string): BlobLink | undefined {
    return this.#blobs.get(digest);
  }

  blobs(): Iterable<BlobLink> {
    return this.#blobs.values();
  }

  manifests(): Iterable<ManifestRecord> {
    return this.#manifests.values();
  }

  /** By tag or digest. */
  manifest(reference: string): ManifestRecord | undefined {
    const digest = isDigest(reference) ? reference : this.#tags.get(reference);
    return digest === undefined ? undefined : this.#manifests.get(digest);
  }

  /** Artifacts that are this bundle, the newest first. */
  bundleManifests(bundle: string): ManifestRecord[] {
    return [...this.#manifests.values()]
      .filter((manifest) => manifest.bundle === bundle)
      .sort((a, b) => b.pushedMs - a.pushedMs);
  }

  /** Manifests that say that they are about this one. */
  referrers(subject: string): ManifestRecord[] {
    return [...this.#manifests.values()]
      .filter((manifest) => manifest.subject === subject)
      .sort((a, b) => a.pushedMs - b.pushedMs);
  }

  withBlobs(links: readonly BlobLink[]): Repository {
    return this.#changed({ blobs: [...this.#blobs.values(), ...links] });
  }

  withoutBlobs(digests: ReadonlySet<string>): Repository {
    return this.#changed({ blobs: [...this.#blobs.values()].filter(({ digest }) => !digests.has(digest)) });
  }

  withManifest(manifest: ManifestRecord, tags: readonly string[]): Repository {
    return this.#changed({
      manifests: [...this.#manifests.values(), manifest],
      tags: {
        ...Object.fromEntries(this.#tags),
        ...Object.fromEntries(tags.map((tag) => [tag, manifest.digest])),
      },
    });
  }

  /** With every tag that names it. */
  withoutManifest(digest: string): Repository {
    return this.#changed({
      manifests: [...this.#manifests.values()].filter((manifest) => manifest.digest !== digest),
      tags: Object.fromEntries([...this.#tags].filter(([, target]) => target !== digest)),
    });
  }

  withoutTag(tag: string): Repository {
    return this.#changed({ tags: Object.fromEntries([...this.#tags].filter(([name]) => name !== tag)) });
  }

  #changed(change: Partial<RepositoryRecord>): Repository {
    return new Repository({ ...this.record, ...change });
  }
}
