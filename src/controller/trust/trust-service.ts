import {
  type Clock,
  defined,
  describeError,
  encodeUtf8,
  GoshawkError,
  type Log,
  RefusedError,
} from '../../base/index.ts';
import {
  anchorBytes,
  directorRepository,
  type Fields,
  imageRepository,
  keyIdOf,
  type MetadataStore,
  orderPayload,
  orderType,
  parseJson,
  parseRepositoryFile,
  parseSignedPayload,
  signPayload,
  type TargetFile,
  type Targets,
  type TrustCrypto,
  type TrustedSet,
  type TrustSigner,
  targetPath,
} from '../../trust/index.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import type { Caller } from '../audit/caller.ts';
import type { EventBus } from '../event-bus.ts';
import type { ControllerEvents } from '../fleet/controller-events.ts';
import type { DeviceRegistry } from '../fleet/device-registry.ts';
import { modelsOf } from './models-of.ts';
import type { NamedBundle } from './named-bundle.ts';
import { type Content, OnlineRepository } from './online-repository.ts';
import { type Publication, readPublication } from './publication.ts';
import { expectOnlineKey, PublishedRoots } from './published-roots.ts';
import { SigningClock } from './signing-clock.ts';
import { ThrowAwayOwner } from './throw-away.ts';
import { VersionCounter } from './version-counter.ts';

export interface TrustServicePorts {
  /** The only private key of this controller. */
  readonly signer: TrustSigner;
  readonly verifier: TrustCrypto;
  /** What its owner published here, on this controller's disk. */
  readonly store: MetadataStore;
  /** Of a demonstration: whatever is ordered is signed. */
  readonly throwAway?: TrustSigner;
  /** Of a laboratory: models that nobody signed are ordered all the same; devices with a root refuse them. */
  readonly insecure?: boolean;
  /** NTP keeps the clock of this machine; absent: nobody knows. */
  readonly isSynchronised?: () => boolean;
  readonly clock: Clock;
  readonly log: Log;
  readonly audit: Pick<AuditLog, 'record' | 'head'>;
  readonly registry: Pick<DeviceRegistry, 'get' | 'devices'>;
  readonly events: Pick<ControllerEvents, 'tell'>;
  readonly bus: EventBus;
}

export interface PublishedFile {
  readonly bytes: Uint8Array;
  /** Its name has a version: it stays as it is for ever. */
  readonly immutable: boolean;
}

export interface TrustStatus {
  readonly signed: boolean;
  readonly onlineKey: { readonly id: string; readonly key: TrustSigner['key'] };
  readonly root?: { readonly version: number; readonly expiresMs: number };
  readonly targets?: { readonly version: number; readonly expiresMs: number; readonly models: number };
}

const mostDirectors = 20_000;
/** One file, so that a power cut leaves the old or the new of all of it. */
const file = 'published';
const names = { image: 'image', director: 'director' } as const;

/**
 * What a controller does about trust: it keeps what the owner signed offline, signs with its one key what has to be fresh,
 * and says which device runs what. It can ask for the wrong one of the signed models, and for no other.
 */
export class TrustService {
  readonly #ports: TrustServicePorts;
  readonly #roots: { readonly image: PublishedRoots; readonly director: PublishedRoots };
  readonly #versions: VersionCounter;
  readonly #clock: SigningClock;
  readonly #throwAway: ThrowAwayOwner | undefined;
  readonly #image: OnlineRepository;
  readonly #directors = new Map<string, OnlineRepository>();
  #targets:
    | (Pick<Targets, 'version' | 'expiresMs' | 'issuedMs'> & { readonly bytes: Uint8Array })
    | undefined;
  #models: ReadonlyMap<string, TargetFile> = new Map();

  constructor(ports: TrustServicePorts) {
    this.#ports = ports;
    this.#versions = new VersionCounter(ports.store);
    // A demonstration that was put away for a month has nobody else who could say what time it is.
    const { isSynchronised = () => ports.throwAway !== undefined } = ports;
    this.#clock = new SigningClock({ ...ports, isSynchronised, ownersMs: () => this.#ownersMs() });
    this.#throwAway = ports.throwAway && new ThrowAwayOwner(ports.throwAway, ports.verifier);
    this.#roots = {
      image: new PublishedRoots(imageRepository, ports.verifier),
      director: new PublishedRoots(directorRepository(''), ports.verifier),
    };
    this.#image = this.#repository(imageRepository.roles);
  }

  /** What is on the disk. One part that can't be believed is left out, and said. */
  async load(): Promise<void> {
    const { store, clock, log } = this.#ports;
    await this.#versions.open(clock.wallMs());
    await this.#clock.open();
    const published = (await store.read(file)) ?? (await this.#firstThrowAway());
    if (published === undefined) return;
    try {
      this.#take(readPublication(published));
    } catch (error) {
      log.error('Signed metadata on the disk cannot be used', { reason: describeError(error) });
    }
  }

  /** Roots and targets of the owner are here, and this controller's key is in them. */
  get signed(): boolean {
    return this.#targets !== undefined && this.#roots.director.newest !== undefined;
  }

  status(): TrustStatus {
    const { signer, verifier } = this.#ports;
    const root = this.#roots.image.newest;
    return {
      signed: this.signed,
      onlineKey: { id: keyIdOf(signer.key, verifier), key: signer.key },
      ...(root === undefined ? {} : { root: { version: root.version, expiresMs: root.expiresMs } }),
      ...(this.#targets === undefined
        ? {}
        : {
            targets: {
              version: this.#targets.version,
              expiresMs: this.#targets.expiresMs,
              models: this.#models.size,
            },
          }),
    };
  }

  /** What is put on a device when it is flashed or enrolled; undefined where nothing is signed. */
  anchor(): Uint8Array | undefined {
    const image = this.#roots.image.newestBytes;
    const director = this.#roots.director.newestBytes;
    return this.signed && image !== undefined && director !== undefined
      ? anchorBytes({ image, director, targets: this.#targets!.bytes })
      : undefined;
  }

  /** The same as a value of JSON. */
  anchorObject(): unknown {
    const bytes = this.anchor();
    return bytes && parseJson(bytes, 'The roots');
  }

  /** All that its owner published, as `publish` takes it: whoever wants to sign the next version begins with it. */
  published(): Uint8Array {
    const json = (bytes: Uint8Array) => parseJson(bytes, 'Metadata');
    const roots = (name: 'image' | 'director') => this.#roots[name].all.map(json);
    const targets = this.#targets === undefined ? {} : { targets: json(this.#targets.bytes) };
    const whole = { image: { roots: roots('image'), ...targets }, director: { roots: roots('director') } };
    return encodeUtf8(`${JSON.stringify(whole)}\n`);
  }

  /** Takes what the owner signed: the whole of it or nothing. */
  publish(caller: Caller, bytes: Uint8Array): Promise<TrustStatus> {
    return this.#ports.audit.record(caller, 'trust.published', 'trust', async () => {
      const given = readPublication(bytes);
      const before = this.#targets?.version ?? 0;
      const undo = this.#take(given);
      try {
        await this.#ports.store.write(file, this.published());
      } catch (error) {
        undo();
        throw error;
      }
      this.#ports.log.info('Signed metadata was published', { targets: this.#targets?.version, before });
      this.#ports.bus.emit('trustPublished');
      return this.status();
    });
  }

  /** Why devices with a root would refuse this model; undefined where they take it, and where nothing is signed at all. */
  whyUnsigned(model: NamedBundle): string | undefined {
    if (!this.signed) return undefined;
    const target = this.#models.get(targetPath(model));
    if (target === undefined) return 'its owner has not signed it';
    if (`sha256:${target.hashes.get('sha256')}` !== model.digest)
      return 'its owner has signed another bundle under that name and version';
    // The rest of it is for the devices, which may know more than this controller.
    const about = target.custom?.goshawk as { readonly revoked?: unknown } | undefined;
    return about?.revoked === true ? 'its owner has withdrawn it' : undefined;
  }

  /** RefusedErrors `model-unsigned`, `trust-clock-jumped`. `manifestBytes`: the length of its manifest.json. */
  expectSigned(model: NamedBundle, manifestBytes: number): void {
    // Else the order would be told, and no device could take it.
    if (this.signed) this.#clock.nowMs();
    const why = this.whyUnsigned(model);
    if (why === undefined || this.#ports.insecure === true) return;
    if (this.#throwAway !== undefined) {
      this.#signThrowAway(this.#throwAway, model, manifestBytes);
      return;
    }
    throw new RefusedError(
      'model-unsigned',
      `${model.name} ${model.version} is not ordered: ${why}.`,
      'Sign it where the keys are (goshawk model sign) and publish that (goshawk keys publish).',
    );
  }

  /** The order of one device in a signed envelope; as it is where nothing is signed. */
  seal(device: string, desired: Uint8Array): Uint8Array {
    if (!this.signed) return desired;
    const { signer, verifier } = this.#ports;
    return signPayload(orderType, orderPayload(device, desired), signer, verifier);
  }

  /** Whether a message on a device's topic is sealed as this controller would seal it now. */
  isSealed(bytes: Uint8Array): boolean {
    const { signer, verifier } = this.#ports;
    const envelope = parseSignedPayload(bytes);
    if (envelope === undefined) return !this.signed;
    const id = keyIdOf(signer.key, verifier);
    return this.signed && envelope.signatures.some(({ keyId }) => keyId === id);
  }

  /** A file below `/tuf/`: `image/<file>` or `director/<device>/<file>`. */
  file(path: string): PublishedFile | undefined {
    if (!this.signed) return undefined;
    const [repository, ...rest] = path.split('/');
    if (repository === names.image && rest.length === 1) return this.#imageFile(rest[0]!);
    if (repository === names.director && rest.length === 2) return this.#directorFile(rest[0]!, rest[1]!);
    return undefined;
  }

  #imageFile(file: string): PublishedFile | undefined {
    const root = rootVersion(file);
    if (root !== undefined) return fixed(this.#roots.image.version(root));
    const targets = this.#targets!;
    if (file !== 'timestamp.json') return fixed(this.#image.file(file));
    const { head } = this.#ports.audit;
    const custom = head && { audit: head };
    return this.#timestamp(this.#image, String(targets.version), () => targets, custom);
  }

  #directorFile(device: string, file: string): PublishedFile | undefined {
    const root = rootVersion(file);
    if (root !== undefined) return fixed(this.#roots.director.version(root));
    if (file !== 'timestamp.json') return fixed(this.#directors.get(device)?.file(file));
    const known = this.#ports.registry.get(device);
    if (known === undefined) return undefined;
    const targets = this.#directed(modelsOf(known.desired));
    return this.#timestamp(this.#director(device), JSON.stringify(targets), () => ({ targets }));
  }

  /** With a clock that can't be believed what was signed before it jumped is good for as long as it says. */
  #timestamp(
    repository: OnlineRepository,
    subject: string,
    content: () => Content,
    custom?: Fields,
  ): PublishedFile {
    try {
      return fresh(repository.timestamp(subject, content, this.#clock.nowMs(), custom));
    } catch (error) {
      const kept = repository.kept(subject);
      if (kept === undefined || !(error instanceof GoshawkError)) throw error;
      return fresh(kept);
    }
  }

  #ownersMs(): number | undefined {
    const said = [this.#roots.image.newest?.issuedMs, this.#targets?.issuedMs];
    const known = said.filter((ms) => ms !== undefined);
    return known.length === 0 ? undefined : Math.max(...known);
  }

  /** What the owner signed about them; a model that he did not sign is not among them. */
  #directed(models: readonly NamedBundle[]): Record<string, Fields> {
    return Object.fromEntries(
      models.flatMap((model) => {
        const path = targetPath(model);
        const target = this.#models.get(path);
        if (target === undefined || this.whyUnsigned(model) !== undefined) return [];
        return [[path, { length: target.length, hashes: Object.fromEntries(target.hashes) }]];
      }),
    );
  }

  #director(device: string): OnlineRepository {
    const known = this.#directors.get(device);
    this.#directors.delete(device);
    const [oldest] = this.#directors.keys();
    if (oldest !== undefined && this.#directors.size >= mostDirectors) this.#directors.delete(oldest);
    const repository = known ?? this.#repository(directorRepository(device).roles);
    this.#directors.set(device, repository);
    return repository;
  }

  async #firstThrowAway(): Promise<Uint8Array | undefined> {
    const { signer, store, clock, log } = this.#ports;
    if (this.#throwAway === undefined) return undefined;
    const first = this.#throwAway.first(signer, clock.wallMs());
    await store.write(file, first);
    log.warn(
      'Models are signed with throw-away keys that this computer made: use them for demonstrations only',
    );
    return first;
  }

  #signThrowAway(owner: ThrowAwayOwner, model: NamedBundle, manifestBytes: number): void {
    const { clock, store, log } = this.#ports;
    const next = owner.with(parseRepositoryFile(this.published()), model, manifestBytes, clock.wallMs());
    this.#take(readPublication(next));
    void store.write(file, next).catch((error: unknown) => {
      log.warn('Documents that throw-away keys signed could not be stored', { reason: describeError(error) });
    });
  }

  #repository(name: string): OnlineRepository {
    const { signer, verifier } = this.#ports;
    return new OnlineRepository(name, { signer, verifier }, (nowMs) => this.#versions.next(nowMs));
  }

  /** Believes it, or throws and has changed nothing. Gives back what undoes it. */
  #take({ image, director }: Publication): () => void {
    const { signer, verifier } = this.#ports;
    const before = { image: this.#roots.image.with([]), director: this.#roots.director.with([]) };
    const known = { targets: this.#targets, models: this.#models };
    const images = this.#roots.image.with(image.roots);
    const directors = this.#roots.director.with(director.roots);
    if (images.set !== undefined)
      expectOnlineKey(images.set.root, ['snapshot', 'timestamp'], signer.key, verifier, names.image);
    if (directors.set !== undefined)
      expectOnlineKey(
        directors.set.root,
        ['targets', 'snapshot', 'timestamp'],
        signer.key,
        verifier,
        names.director,
      );
    const targets = image.targets ?? this.#targets?.bytes;
    if (targets !== undefined) this.#takeTargets(images.set, targets);
    this.#roots.image.keep(images);
    this.#roots.director.keep(directors);
    return () => {
      this.#roots.image.keep(before.image);
      this.#roots.director.keep(before.director);
      this.#targets = known.targets;
      this.#models = known.models;
    };
  }

  #takeTargets(set: TrustedSet | undefined, bytes: Uint8Array): void {
    if (set === undefined || !set.knowTargets(bytes))
      throw new RefusedError(
        'trust-targets',
        'The targets are not signed by the keys that the root names for them.',
        'Have enough of them sign: goshawk keys show says who is missing.',
      );
    const role = set.role('targets')!;
    const known = this.#targets;
    if (known !== undefined && role.version < known.version)
      throw new RefusedError(
        'trust-rollback',
        `Targets ${role.version} were given, and ${known.version} are published.`,
        'Fetch what is published, and make the next version from it: goshawk keys fetch.',
      );
    const { version, expiresMs, issuedMs } = role;
    this.#targets = { bytes, version, expiresMs, ...defined({ issuedMs }) };
    this.#models = role.targets;
  }
}

function rootVersion(file: string): number | undefined {
  const found = /^([1-9]\d{0,8})\.root\.json$/.exec(file);
  return found === null ? undefined : Number(found[1]);
}

function fixed(bytes: Uint8Array | undefined): PublishedFile | undefined {
  return bytes && { bytes, immutable: true };
}

function fresh(bytes: Uint8Array): PublishedFile {
  return { bytes, immutable: false };
}
