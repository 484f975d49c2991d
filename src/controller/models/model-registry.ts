import type { ModelInfo } from '../../api/index.ts';
import {
  counted,
  decodeUtf8,
  describeError,
  InputError,
  LimitError,
  type Log,
  RefusedError,
} from '../../base/index.ts';
import {
  type AnyManifest,
  type ArtifactManifest,
  bundleFiles,
  bundleLayerOf,
  checkBundleArtifact,
  type DigestOf,
  goldenPath,
  hasGoldenSet,
  isGolden,
  isRelease,
  maxBundleManifestBytes,
  parseAnyManifest,
  repositoryOf,
  tagOf,
} from '../../model/index.ts';
import { agentSlot } from '../../protocol/index.ts';
import { registryFull, versionTaken } from '../registry/failures.ts';
import type { NamedPlace, TaggedBundle } from '../registry/manifests.ts';
import type { FleetModels } from '../registry/oci-registry.ts';
import type { BlobStore, ManifestRecord } from '../registry/ports.ts';
import { readBlob } from '../registry/read-blob.ts';
import type { Repositories } from '../registry/repositories.ts';
import type { Repository } from '../registry/repository.ts';
import type { VersionedBundle } from './version-policy.ts';

export interface ModelRegistryPorts {
  readonly blobs: BlobStore;
  readonly digestOf: DigestOf;
  readonly log: Log;
  /** Throws for a model that must not be ordered. */
  readonly expectSigned?: (model: VersionedName, manifestBytes: number) => void;
}

interface HeldBundle {
  readonly manifest: AnyManifest;
  /** Bytes of manifest.json. */
  readonly manifestSize: number;
  readonly uploadedMs: number;
  /** Files whose bytes are gone from the registry. */
  readonly missing: readonly string[];
}

interface VersionedName {
  readonly name: string;
  readonly version: string;
  readonly digest: string;
}

/** Size of a blob on the disk; undefined where it is not there. */
type SizeOf = (digest: string) => Promise<number | undefined> | number | undefined;

const maxBundles = 1_000;

/**
 * Which models the fleet has: the artifacts of the registry that are bundles and are in the repository of their own name, where
 * devices look. It keeps no bytes; it remembers what the manifests in the registry say.
 */
export class ModelRegistry implements FleetModels {
  readonly #ports: ModelRegistryPorts;
  readonly #maxBundles: number;
  readonly #bundles = new Map<string, HeldBundle>();

  constructor(ports: ModelRegistryPorts, limits: { readonly maxBundles?: number } = {}) {
    this.#ports = ports;
    this.#maxBundles = limits.maxBundles ?? maxBundles;
  }

  /** A bundle that can't be read is left out, and logged. */
  async load(repositories: Repositories): Promise<void> {
    const { blobs, log } = this.#ports;
    const sizes = new Map<string, number>();
    for await (const { digest, size } of blobs.list()) sizes.set(digest, size);
    const records = [...repositories.all()].flatMap((repository) => [...repository.manifests()]);
    for (const bundle of new Set(records.flatMap((record) => record.bundle ?? [])))
      await this.#refresh(repositories, bundle, (digest) => sizes.get(digest)).catch((error: unknown) =>
        log.warn('A stored bundle could not be read', { bundle, cause: describeError(error) }),
      );
  }

  /** After a change of a repository: what there is of a bundle now. True where devices can be given it since. */
  async refresh(repositories: Repositories, bundle: string): Promise<boolean> {
    const before = this.isComplete(bundle);
    await this.#refresh(repositories, bundle, async (one) => (await this.#ports.blobs.stat(one))?.size);
    return !before && this.isComplete(bundle);
  }

  /**
   * Refuses an artifact that says it is a bundle and is none, before it is kept; of a bundle, the repository and the tag where
   * devices look for it.
   */
  async check(manifest: ArtifactManifest): Promise<NamedPlace | undefined> {
    if (manifest.kind !== 'image') return undefined;
    const layer = bundleLayerOf(manifest.image);
    if (layer === undefined) return undefined;
    const { manifest: bundle } = await this.#read(layer.digest, layer.size);
    checkBundleArtifact(manifest.image, bundle);
    this.expectFree({ name: bundle.name, version: bundle.version, digest: layer.digest });
    if (!this.#bundles.has(layer.digest) && this.#bundles.size >= this.#maxBundles)
      throw registryFull(`${counted(this.#bundles.size, 'model')} are held`);
    return { name: repositoryOf(bundle.name), tag: tagOf(bundle.version), version: bundle.version };
  }

  list(devicesWith: (digest: string) => number): ModelInfo[] {
    return [...this.#bundles]
      .map(([digest, bundle]) => describe(digest, bundle, devicesWith(digest)))
      .sort((a, b) => (a.name === b.name ? b.uploadedMs - a.uploadedMs : a.name < b.name ? -1 : 1));
  }

  /** Class names of a bundle. */
  labelsOf(digest: string): readonly string[] | undefined {
    const manifest = this.#bundles.get(digest)?.manifest;
    return manifest === undefined || isRelease(manifest) ? undefined : manifest.labels;
  }

  /** What a bundle does: `detection`, `depth`; undefined for a release of the agent. */
  taskOf(digest: string): string | undefined {
    const manifest = this.#bundles.get(digest)?.manifest;
    return manifest === undefined || isRelease(manifest) ? undefined : manifest.task;
  }

  /** Pictures with a known answer; empty for a bundle without them. */
  goldenFramesOf(digest: string): readonly string[] {
    const manifest = this.#bundles.get(digest)?.manifest;
    if (manifest === undefined || isRelease(manifest) || !hasGoldenSet(manifest)) return [];
    const paths = (manifest.attachments ?? []).map(({ path }) => path);
    return paths.filter((path) => isGolden(path) && path !== goldenPath);
  }

  /** InputError `slot-release` for a model in the slot of the agent, and for a release of it in another one. */
  expectFor(slot: string, { name, version, digest }: VersionedName): void {
    const manifest = this.#bundles.get(digest)?.manifest;
    if (manifest === undefined || isRelease(manifest) === (slot === agentSlot)) return;
    throw new InputError(
      'slot-release',
      isRelease(manifest)
        ? `${name} ${version} is a release of the agent, and the slot ${slot} is for a model.`
        : `${name} ${version} is a model, and the slot ${slot} is for releases of the agent.`,
      `Releases of the agent are ordered for the slot "${agentSlot}", models for any other.`,
    );
  }

  /** Those that devices can be given. */
  complete(): VersionedBundle[] {
    return [...this.#bundles].flatMap(([digest, { manifest, manifestSize, uploadedMs, missing }]) => {
      const { name, version } = manifest;
      const given = missing.length === 0 && this.#isSigned({ name, version, digest }, manifestSize);
      return given ? [{ name, version, digest, uploadedMs }] : [];
    });
  }

  isComplete(digest: string): boolean {
    return this.#bundles.get(digest)?.missing.length === 0;
  }

  /** Where devices look for it; undefined for one that is not held. */
  repositoryOf(digest: string): string | undefined {
    const bundle = this.#bundles.get(digest);
    return bundle && repositoryOf(bundle.manifest.name);
  }

  /** RefusedError `model-unknown` when name, version and digest are not those of one complete bundle. */
  expectChoice(choice: VersionedName): void {
    const bundle = this.#bundles.get(choice.digest);
    if (bundle === undefined)
      throw new RefusedError(
        'model-unknown',
        `The controller holds no bundle ${choice.digest}.`,
        'Push it first (goshawk model push), or say unlisted=true when the device has it on its own disk.',
      );
    const { name, version } = bundle.manifest;
    if (name !== choice.name || version !== choice.version)
      throw new RefusedError(
        'model-mismatch',
        `${choice.digest} is ${name} ${version}, not ${choice.name} ${choice.version}.`,
        'Name the model as this lists it: goshawk model list.',
      );
    if (bundle.missing.length > 0)
      throw new RefusedError(
        'model-incomplete',
        `The registry has lost ${counted(bundle.missing.length, 'file')} of ${name} ${version}.`,
        'Push it again (goshawk model push); goshawk model list lists the files.',
      );
    this.#ports.expectSigned?.(choice, bundle.manifestSize);
  }

  /**
   * A version is one bundle for ever: who ordered it, and who signed it, meant those bytes. RefusedError
   * `model-version-taken`.
   */
  expectFree({ name, version, digest }: VersionedName): void {
    for (const [other, { manifest }] of this.#bundles)
      if (other !== digest && manifest.name === name && manifest.version === version)
        throw versionTaken(name, version, other);
  }

  /**
   * The same for tags, in the step that moves them: pushes that come at the same time, another version under this one's tag, and
   * an artifact that is no bundle. Tags that are no versions move.
   */
  expectTags(now: Repository, tags: readonly string[], { bundle, place }: TaggedBundle): void {
    for (const tag of tags) {
      const held = now.manifest(tag)?.bundle;
      if (held === undefined || held === bundle) continue;
      // One that was put a moment ago is not listed yet, and its place says of which version it is.
      const { name, version } = this.#bundles.get(held)?.manifest ?? place ?? {};
      if (name === undefined || version === undefined) continue;
      if (repositoryOf(name) === now.name && tagOf(version) === tag) throw versionTaken(name, version, held);
    }
  }

  #isSigned(model: VersionedName, bytes: number): boolean {
    try {
      this.#ports.expectSigned?.(model, bytes);
      return true;
    } catch (error) {
      if (error instanceof RefusedError) return false;
      throw error;
    }
  }

  async #refresh(repositories: Repositories, digest: string, sizeOf: SizeOf): Promise<void> {
    const known = this.#bundles.get(digest) ?? (await this.#read(digest, (await sizeOf(digest)) ?? 0));
    const { manifest, manifestSize } = known;
    const repository = repositories.get(repositoryOf(manifest.name));
    const [newest] = repository?.bundleManifests(digest) ?? [];
    if (repository === undefined || newest === undefined) {
      this.#bundles.delete(digest);
      return;
    }
    const missing = await missingOf(repository, newest, manifest, sizeOf);
    this.#bundles.set(digest, { manifest, manifestSize, uploadedMs: newest.pushedMs, missing });
  }

  /** manifest.json, whose sha256 is the bundle's digest. InputError `manifest-...`. */
  async #read(
    bundle: string,
    size: number,
  ): Promise<{ readonly manifest: AnyManifest; readonly manifestSize: number }> {
    if (size > maxBundleManifestBytes)
      throw new LimitError(
        'manifest-size',
        `A manifest.json of ${size} bytes is more than ${maxBundleManifestBytes}.`,
        'This is not a bundle of Goshawk.',
      );
    const json = await readBlob(this.#ports.blobs, bundle);
    if (this.#ports.digestOf(json) !== bundle)
      throw new InputError(
        'manifest-damaged',
        `The manifest.json of ${bundle} on the disk is not what its digest says.`,
        'Push the bundle again: goshawk model push.',
      );
    return {
      manifest: parseAnyManifest(decodeUtf8(json), 'manifest.json'),
      manifestSize: json.byteLength,
    };
  }
}

/** What the artifact is made of: where the bundle is encrypted that is not what its manifest names. */
async function missingOf(
  repository: Repository,
  { blobs }: ManifestRecord,
  manifest: AnyManifest,
  sizeOf: SizeOf,
): Promise<string[]> {
  const paths = new Map(bundleFiles(manifest).map(({ digest, path }) => [digest, path]));
  const missing: string[] = [];
  for (const digest of blobs) {
    const link = repository.blob(digest);
    if (link === undefined || (await sizeOf(digest)) !== link.size) missing.push(paths.get(digest) ?? digest);
  }
  return missing;
}

function describe(digest: string, { manifest, uploadedMs, missing }: HeldBundle, devices: number): ModelInfo {
  const { name, version, task, licence } = manifest;
  const { labels, variants } = isRelease(manifest) ? { labels: [], variants: [] } : manifest;
  return {
    ...{ name, version, digest, task, licence, labels },
    variants: variants.map(({ kind, file, accuracy }) => ({
      kind,
      sizeBytes: file.size,
      ...(accuracy === undefined
        ? {}
        : { map: accuracy.map, ap50: accuracy.ap50, dataset: accuracy.dataset }),
    })),
    sizeBytes: bundleFiles(manifest).reduce((sum, file) => sum + file.size, 0),
    uploadedMs,
    complete: missing.length === 0,
    missing: [...missing],
    devices,
  };
}
