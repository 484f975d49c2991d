import { type Clock, describeError, type Log, RefusedError } from '../../base/index.ts';
import type { ArtifactManifest, EngineOffer, ImageIndex } from '../../model/index.ts';
import type { Secrets } from '../access/token-registry.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import type { Caller } from '../audit/caller.ts';
import type { EventBus } from '../event-bus.ts';
import type { DeviceRegistry } from '../fleet/device-registry.ts';
import type { PeriodicTask } from '../module.ts';
import type { RegistryCaller, Scope } from './access.ts';
import { grantedOf } from './access.ts';
import { type BlobLimits, BlobUploads } from './blob-uploads.ts';
import { EngineArtifacts, type EngineVouchers } from './engine-artifacts.ts';
import type { EngineLimits } from './engine-places.ts';
import { blobUnknown, modelUnknown } from './failures.ts';
import { type Swept, sweep, unneededLinks, withoutManifests } from './garbage.ts';
import { Manifests, type NamedPlace, type TaggedBundle } from './manifests.ts';
import { OrderedDigests } from './ordered-digests.ts';
import type { ByteRange, ManifestRecord, RegistryPorts } from './ports.ts';
import { Repositories, type RepositoryLimits } from './repositories.ts';
import type { Repository } from './repository.ts';
import { type IssuedToken, TokenIssuer } from './token-issuer.ts';

/** Which artifacts are models of the fleet. */
export interface FleetModels {
  load(repositories: Repositories): Promise<void>;
  /** Refuses an artifact that says it is a model and is none; says where devices look for one. */
  check(manifest: ArtifactManifest): Promise<NamedPlace | undefined>;
  /** RefusedError `model-version-taken` for a tag that is the version of other bytes. */
  expectTags(now: Repository, tags: readonly string[], what: TaggedBundle): void;
  /** After a change; true where devices can be given it since. */
  refresh(repositories: Repositories, bundle: string): Promise<boolean>;
  repositoryOf(bundle: string): string | undefined;
}

export interface OciRegistryPorts extends RegistryPorts {
  readonly models: FleetModels;
  readonly devices: Pick<DeviceRegistry, 'get' | 'devices'>;
  readonly audit: AuditLog;
  readonly vouchers: EngineVouchers;
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly log: Log;
  /** RefusedError `model-in-rollout` for one that a rollout needs. */
  readonly expectUnneeded: (bundle: string) => void;
  readonly bus: EventBus;
}

export interface OciRegistryLimits extends BlobLimits, RepositoryLimits, EngineLimits {
  /** Unreferenced blobs and abandoned uploads are kept for this time. */
  readonly graceMs: number;
}

const defaultGraceMs = 24 * 3_600_000;

/** The registry of artifacts that the controller is: repositories, blobs, who may what, and what is swept away. */
export class OciRegistry {
  readonly uploads: BlobUploads;
  readonly #ports: OciRegistryPorts;
  readonly #repositories: Repositories;
  readonly #manifests: Manifests;
  readonly #tokens: TokenIssuer;
  readonly #ordered: OrderedDigests;
  readonly #engines: EngineArtifacts;
  readonly #graceMs: number;
  #sweeping: Promise<Swept> | undefined;

  constructor(ports: OciRegistryPorts, limits: Partial<OciRegistryLimits> = {}) {
    const { secrets, clock, devices, bus } = ports;
    this.#ports = ports;
    this.#graceMs = limits.graceMs ?? defaultGraceMs;
    this.#repositories = new Repositories(ports.repositories, limits);
    const shared = { ...ports, repositories: this.#repositories };
    this.uploads = new BlobUploads({ ...shared, newId: () => hex(secrets.randomBytes(16)) }, limits);
    this.#manifests = new Manifests({ ...shared, uploads: this.uploads });
    this.#tokens = new TokenIssuer(secrets, clock);
    this.#ordered = new OrderedDigests(devices, clock);
    const { uploads } = this;
    this.#engines = new EngineArtifacts(
      { ...shared, uploads, manifests: this.#manifests, ordered: this.#ordered },
      limits,
    );
    bus.on('tokenDeleted', (id) => this.#tokens.revoke(id));
    bus.on('certificatesRevoked', () => this.#engines.dropDead());
  }

  async load(): Promise<void> {
    const faults = await this.#repositories.load();
    for (const cause of faults) this.#ports.log.warn('A repository could not be read', { cause });
    await this.uploads.load();
    await this.#ports.models.load(this.#repositories);
  }

  tasks(): readonly PeriodicTask[] {
    return [{ everyMs: 3_600_000, run: () => this.#sweepByItself() }];
  }

  /** RefusedError `token-refused` for whoever shows one of these: it would be good for more, or for longer. */
  issueToken(asks: RegistryCaller, scopes: readonly Scope[]): IssuedToken {
    if (asks.scopes !== undefined)
      throw new RefusedError(
        'token-refused',
        'A token that the registry gave is good for no other one.',
        'Ask with the token of the controller.',
      );
    return this.#tokens.issue({ ...asks, scopes: grantedOf(scopes, asks.caller) });
  }

  /** A token of a device that is named as the device is, is that device's; another one is of any device. */
  callerOf(caller: Caller): RegistryCaller {
    const isDevice = caller.role === 'device' && this.#ports.devices.get(caller.name) !== undefined;
    return isDevice ? { caller, device: caller.name } : { caller };
  }

  /** A token that `issueToken` gave. RefusedError `token-refused`. */
  authenticate(token: string): RegistryCaller {
    return this.#tokens.authenticate(token);
  }

  /** Everything of a repository; of a device only what it is ordered to run. What is not there may be asked for by anybody. */
  mayRead({ caller, device }: RegistryCaller, name: string, reference: string): boolean {
    if (caller.role !== 'device') return true;
    const repository = this.#repositories.get(name);
    if (repository === undefined) return true;
    const digest = repository.manifest(reference)?.digest ?? reference;
    return this.#ordered.mayRead(device, repository, digest);
  }

  repositories(): string[] {
    return this.#repositories.names();
  }

  tags(name: string): string[] {
    return this.#repositories.expect(name).tags();
  }

  manifest(name: string, reference: string): ManifestRecord {
    return this.#manifests.find(name, reference);
  }

  /**
   * MissingError `blob-unknown` for one that the repository has not, or that is gone from the disk. `verified`: also for one
   * that is damaged there, so that whoever asks before a push sends it anew.
   */
  async blob(
    name: string,
    digest: string,
    { verified = false }: { readonly verified?: boolean } = {},
  ): Promise<{ readonly digest: string; readonly size: number }> {
    const { blobs } = this.#ports;
    const repository = this.#repositories.get(name);
    const link = repository?.blob(digest) ?? repository?.manifest(digest);
    const found = link && (await (verified ? blobs.verify(digest) : blobs.stat(digest)));
    if (found === undefined) throw blobUnknown(digest);
    return { digest, size: found.size };
  }

  read(digest: string, range?: ByteRange): Promise<AsyncIterable<Uint8Array>> {
    return this.#ports.blobs.read(digest, range);
  }

  referrers(name: string, subject: string, artifactType?: string): ImageIndex {
    return this.#manifests.referrers(name, subject, artifactType);
  }

  /** Bytes that are made here, or came with a request, as blobs of a repository. */
  async keepBytes(
    name: string,
    blobs: readonly { readonly bytes: Uint8Array; readonly digest: string }[],
  ): Promise<void> {
    for (const { bytes, digest } of blobs) await this.uploads.put(bytes, digest);
    await this.uploads.link(
      name,
      blobs.map(({ bytes, digest }) => ({ digest, size: bytes.byteLength })),
    );
  }

  async putManifest(
    caller: Caller,
    name: string,
    reference: string,
    read: () => Promise<Uint8Array>,
    given: { readonly contentType?: string | undefined; readonly tags?: readonly string[] },
  ): Promise<ManifestRecord> {
    const { audit, models, bus } = this.#ports;
    return audit.record(caller, 'artifact.pushed', `${name}:${reference}`, async () => {
      const record = await this.#manifests.put(name, reference, await read(), {
        ...given,
        check: (manifest) => models.check(manifest),
        expectTags: (...args) => models.expectTags(...args),
      });
      if (await this.#refreshModel(record.bundle)) bus.emit('bundleComplete');
      return record;
    });
  }

  /** A plan that a device built for a bundle that it is ordered to run. */
  async putEngine(
    asks: RegistryCaller,
    bundle: string,
    offer: EngineOffer,
    plan: AsyncIterable<Uint8Array>,
  ): Promise<ManifestRecord> {
    const record = await this.#engines.put(asks, bundle, offer, plan);
    // What is refused is not in the audit: a device could fill it.
    return this.#ports.audit.record(
      asks.caller,
      'engine.pushed',
      `${bundle} ${offer.key}`,
      async () => record,
    );
  }

  async deleteManifest(caller: Caller, name: string, reference: string): Promise<void> {
    const { audit, expectUnneeded } = this.#ports;
    await audit.record(caller, 'artifact.deleted', `${name}:${reference}`, async () => {
      const { digest, bundle: needed } = this.#manifests.find(name, reference);
      if (reference === digest && needed !== undefined) expectUnneeded(needed);
      const gone = await this.#manifests.delete(name, reference);
      await this.#refreshModel(gone?.bundle);
    });
    await this.#engines.dropDead();
  }

  async deleteBlob(caller: Caller, name: string, digest: string): Promise<void> {
    const { audit, expectUnneeded } = this.#ports;
    await audit.record(caller, 'artifact.blob-deleted', `${name}@${digest}`, async () => {
      const made = [...(this.#repositories.get(name)?.manifests() ?? [])];
      const bundles = made.flatMap(({ bundle, blobs }) => (blobs.includes(digest) ? (bundle ?? []) : []));
      for (const bundle of bundles) expectUnneeded(bundle);
      await this.#repositories.change(name, (now) => {
        if (now.blob(digest) === undefined) throw blobUnknown(digest);
        return now.withoutBlobs(new Set([digest]));
      });
      for (const bundle of bundles) await this.#refreshModel(bundle);
    });
  }

  /** Deletes every artifact of this bundle with its tags, and at once the bytes that no other artifact needs. */
  async deleteModel(caller: Caller, bundle: string): Promise<void> {
    const { audit, models, blobs, expectUnneeded } = this.#ports;
    if (models.repositoryOf(bundle) === undefined) throw modelUnknown(bundle);
    await audit.record(caller, 'model.deleted', bundle, async () => {
      expectUnneeded(bundle);
      const all = [...this.#repositories.all()];
      const made = all.flatMap((repository) => repository.bundleManifests(bundle));
      for (const { name } of all)
        await this.#repositories.change(name, (now) => withoutManifests(now, (one) => one.bundle === bundle));
      await this.#refreshModel(bundle);
      await this.#engines.dropDead();
      const freed = new Set(made.flatMap((manifest) => [manifest.digest, ...manifest.blobs]));
      for (const digest of freed) if (!this.#isLinked(digest)) await blobs.delete(digest);
    });
  }

  /** Without an end to wait for; what fails is told, and tried again the next time. */
  #sweepByItself(): void {
    this.sweep().catch((error: unknown) =>
      this.#ports.log.warn('Unused artifacts could not be deleted', {
        cause: describeError(error),
      }),
    );
  }

  /** Takes away what nobody needs. Two at the same time are one. */
  sweep(): Promise<Swept> {
    this.#sweeping ??= this.#sweep().finally(() => {
      this.#sweeping = undefined;
    });
    return this.#sweeping;
  }

  /** True where devices can be given it since. */
  async #refreshModel(bundle: string | undefined): Promise<boolean> {
    return bundle !== undefined && this.#ports.models.refresh(this.#repositories, bundle);
  }

  #isLinked(digest: string): boolean {
    return [...this.#repositories.all()].some((one) => one.blob(digest) ?? one.manifest(digest));
  }

  async #sweep(): Promise<Swept> {
    const { blobs, clock, log } = this.#ports;
    const olderThanMs = clock.wallMs() - this.#graceMs;
    const uploads = await this.uploads.dropOlderThan(olderThanMs);
    await this.#engines.dropDead();
    let links = 0;
    for (const { name } of [...this.#repositories.all()])
      await this.#repositories.change(name, (now) => {
        const unneeded = unneededLinks(now, olderThanMs);
        links += unneeded.size;
        return unneeded.size === 0 ? now : now.withoutBlobs(unneeded);
      });
    const isLinked = (digest: string) => this.#isLinked(digest);
    const swept = { ...(await sweep(blobs, isLinked, olderThanMs)), links, uploads };
    if (swept.blobs + swept.links + swept.uploads > 0)
      log.info('Unused artifacts were deleted', { ...swept });
    return swept;
  }
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
