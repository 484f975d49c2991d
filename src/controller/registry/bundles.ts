import { type Clock, decodeUtf8, describeError, LimitError, type Log } from '../../base/index.ts';
import {
  type ArtifactManifest,
  bundleFiles,
  bundleLayerOf,
  checkBundleArtifact,
  type DigestOf,
  maxBundleManifestBytes,
  packBundle,
  parseManifest,
  repositoryOf,
  tagOf,
} from '../../model/index.ts';
import type { ModelRegistry } from '../models/model-registry.ts';
import type { BlobUploads } from './blob-uploads.ts';
import { notThereYet } from './failures.ts';
import { unneededLinks } from './garbage.ts';
import type { Manifests } from './manifests.ts';
import type { ManifestRecord } from './ports.ts';
import type { Repositories } from './repositories.ts';
import type { StoredBlobs } from './stored-blobs.ts';

export interface RegistryBundlesPorts {
  readonly models: ModelRegistry;
  readonly repositories: Repositories;
  readonly manifests: Manifests;
  readonly uploads: BlobUploads;
  readonly stored: StoredBlobs;
  readonly digestOf: DigestOf;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Keeps bundles and artifacts one thing: an artifact that is a bundle is a model of the fleet, and a model that came another
 * way is an artifact of the repository with its name.
 */
export class RegistryBundles {
  readonly #ports: RegistryBundlesPorts;

  constructor(ports: RegistryBundlesPorts) {
    this.#ports = ports;
  }

  /** After a start: what one side knows and the other does not. What fails is told, and tried again with the next start. */
  async reconcile(): Promise<void> {
    const { models, repositories, log } = this.#ports;
    for (const repository of [...repositories.all()])
      for (const { bundle, blobs } of repository.manifests())
        if (bundle !== undefined && !models.isComplete(bundle))
          await this.adopt(bundle, blobs).catch((error: unknown) =>
            log.warn('A pushed bundle could not be read', { bundle, cause: describeError(error) }),
          );
    const oldestFirst = [...models.complete()].sort((a, b) => a.uploadedMs - b.uploadedMs);
    for (const { digest, name, version } of oldestFirst)
      await this.publish(digest, false).catch((error: unknown) =>
        log.warn('A bundle could not be made an artifact', { name, version, cause: describeError(error) }),
      );
  }

  /** Refuses an artifact that says it is a bundle and is none, before it is kept. */
  async check(manifest: ArtifactManifest): Promise<void> {
    if (manifest.kind !== 'image') return;
    const layer = bundleLayerOf(manifest.image);
    if (layer === undefined) return;
    checkBundleArtifact(manifest.image, (await this.#read(layer.digest, layer.size)).manifest);
    this.#ports.models.expectRoom(layer.digest);
  }

  /**
   * The bundle is a model from now on. `blobs`: what its artifact is made of; where the bundle is encrypted that is not what
   * its manifest names. InputError `manifest-blob-unknown` where one of them is gone from the disk.
   */
  async adopt(bundle: string, blobs: readonly string[]): Promise<void> {
    const { models, stored, clock } = this.#ports;
    const { json, manifest } = await this.#read(bundle, (await stored.sizeOf(bundle)) ?? 0);
    const files = new Map(bundleFiles(manifest).map((file) => [file.digest, file]));
    for (const digest of blobs) {
      const size = await stored.sizeOf(digest);
      const file = files.get(digest);
      if (size === undefined || size !== (file?.size ?? size))
        throw notThereYet(file === undefined ? `the blob ${digest}` : `the file ${file.path} (${digest})`);
    }
    await models.adopt(bundle, json, clock.wallMs());
  }

  /** Where the repository of its name has it not: as an artifact with its version as tag. */
  async publish(bundle: string, moveTag: boolean): Promise<void> {
    const { models, repositories, uploads, manifests, digestOf } = this.#ports;
    const json = await models.readManifest(bundle);
    const manifest = parseManifest(decodeUtf8(json), 'manifest.json');
    const name = repositoryOf(manifest.name);
    const tag = tagOf(manifest.version);
    const repository = repositories.get(name);
    const has = (one: ManifestRecord) => one.bundle === bundle;
    if (repository !== undefined && [...repository.manifests()].some(has)) return;
    const { config, manifest: artifact, layers } = packBundle(json, manifest, digestOf);
    await uploads.put(json, bundle);
    await uploads.put(config.bytes, config.descriptor.digest);
    await uploads.link(
      name,
      [config.descriptor, ...layers].map(({ digest, size }) => ({ digest, size })),
    );
    const reference = moveTag || repository?.hasTag(tag) !== true ? tag : artifact.descriptor.digest;
    await manifests.put(name, reference, artifact.bytes, {});
  }

  /** Every artifact that is this bundle, with its tags, and of its files what no other artifact needs. */
  async forget(bundle: string, files: ReadonlySet<string>): Promise<void> {
    const { repositories } = this.#ports;
    for (const repository of [...repositories.all()])
      await repositories.change(repository.name, (now) => {
        const gone = [...now.manifests()].filter((manifest) => manifest.bundle === bundle);
        if (gone.length === 0) return now;
        const left = gone.reduce((rest, { digest }) => rest.withoutManifest(digest), now);
        const unneeded = [...unneededLinks(left, Number.POSITIVE_INFINITY)].filter((digest) =>
          files.has(digest),
        );
        return left.withoutBlobs(new Set(unneeded));
      });
  }

  isHeld(bundle: string): boolean {
    return [...this.#ports.repositories.all()].some((repository) =>
      [...repository.manifests()].some((manifest) => manifest.bundle === bundle),
    );
  }

  async #read(bundle: string, size: number) {
    if (size > maxBundleManifestBytes)
      throw new LimitError(
        'manifest-size',
        `A manifest.json of ${size} bytes is more than ${maxBundleManifestBytes}.`,
        'This is not a bundle of Goshawk.',
      );
    const json = await this.#ports.stored.readWhole(bundle);
    return { json, manifest: parseManifest(decodeUtf8(json), 'manifest.json') };
  }
}
