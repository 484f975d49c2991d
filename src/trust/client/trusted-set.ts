import { GoshawkError, InputError, RefusedError } from '../../base/index.ts';
import { type Envelope, expectSigned, parseEnvelope } from '../format/envelope.ts';
import { expectFile } from '../format/hashes.ts';
import type { TrustCrypto } from '../format/keys.ts';
import {
  type MetaFile,
  parseRoot,
  parseSnapshot,
  parseTargets,
  parseTimestamp,
  type RoleFields,
  type RoleType,
  type Root,
  type Snapshot,
  type Targets,
  type Timestamp,
} from '../format/roles.ts';
import { timeText } from '../format/time.ts';

/** What the metadata of one repository says of itself; absent: whatever it says. */
export interface RepositoryName {
  readonly root: string;
  /** In every other role. */
  readonly roles: string;
}

/**
 * What one repository is trusted to say: chapter 5 of the TUF specification without its I/O. Each `take` believes the bytes
 * or throws, and then nothing has changed.
 *
 * INVARIANTS
 * - Roots only go up by one, each signed by the keys of the one before and by its own.
 * - Versions of the other roles never go down below what was given as known.
 * - What is expired is refused where it would become what is trusted, and still counts as known.
 */
export class TrustedSet {
  readonly #verifier: TrustCrypto;
  readonly #repository: RepositoryName | undefined;
  #root: Root;
  #timestamp: Timestamp | undefined;
  #snapshot: Snapshot | undefined;
  /** The role `targets`, and those that it delegates to; each with the bytes that it was read from. */
  readonly #targets = new Map<string, { readonly envelope: Envelope; readonly role: Targets }>();

  /** The root that everything begins with. An expired one is good enough to verify the next. */
  constructor(rootBytes: Uint8Array, verifier: TrustCrypto, repository?: RepositoryName) {
    this.#verifier = verifier;
    this.#repository = repository;
    const envelope = parseEnvelope(rootBytes, 'The root');
    this.#root = parseRoot(envelope.signed);
    this.#expectRepository(this.#root, 'root');
    this.#expectTop(envelope, 'root', this.#root, 'The root that this begins with');
  }

  get root(): Root {
    return this.#root;
  }

  get timestamp(): Timestamp | undefined {
    return this.#timestamp;
  }

  get snapshot(): Snapshot | undefined {
    return this.#snapshot;
  }

  role(name: string): Targets | undefined {
    return this.#targets.get(name)?.role;
  }

  takeRoot(bytes: Uint8Array): void {
    const what = `Root ${this.#root.version + 1}`;
    const envelope = parseEnvelope(bytes, what);
    const next = parseRoot(envelope.signed, what);
    this.#expectRepository(next, 'root');
    this.#expectTop(envelope, 'root', this.#root, what);
    if (next.version !== this.#root.version + 1) throw rolledBack(what, `it says that it is ${next.version}`);
    this.#expectTop(envelope, 'root', next, what);
    this.#root = next;
  }

  expectFreshRoot(nowMs: number): void {
    expectFresh(this.#root, nowMs, 'The root', 'Have the owner sign a new one: goshawk keys rotate.');
  }

  /** What is on the disk: known, however old. False where the root's keys did not sign it. */
  knowTimestamp(bytes: Uint8Array): boolean {
    return this.#known(() => {
      this.#timestamp = this.#readTimestamp(bytes);
    });
  }

  /** False: it is the one that is known already. */
  takeTimestamp(bytes: Uint8Array, nowMs: number): boolean {
    const next = this.#readTimestamp(bytes);
    const known = this.#timestamp;
    if (known !== undefined) {
      if (next.version < known.version)
        throw rolledBack('The timestamp', `version ${next.version} after ${known.version}`);
      if (next.version === known.version) {
        expectFresh(known, nowMs, 'The timestamp', staleRemedy);
        return false;
      }
      if (next.snapshot.version < known.snapshot.version)
        throw rolledBack(
          'The timestamp',
          `snapshot ${next.snapshot.version} after ${known.snapshot.version}`,
        );
    }
    expectFresh(next, nowMs, 'The timestamp', staleRemedy);
    this.#timestamp = next;
    return true;
  }

  /** As `knowTimestamp`. */
  knowSnapshot(bytes: Uint8Array): boolean {
    return this.#known(() => {
      this.#snapshot = this.#readSnapshot(bytes);
    });
  }

  /** Whether the snapshot that is known is the one that the timestamp names. */
  snapshotIsCurrent(bytes: Uint8Array | undefined, nowMs: number): boolean {
    const { snapshot: meta } = this.#expectTimestamp();
    if (bytes === undefined || this.#snapshot?.version !== meta.version) return false;
    const snapshot = this.#snapshot;
    return this.#known(() => {
      expectFile(bytes, meta, this.#verifier, 'The snapshot');
      expectFresh(snapshot, nowMs, 'The snapshot', staleRemedy);
    });
  }

  takeSnapshot(bytes: Uint8Array, nowMs: number): void {
    const { snapshot: meta } = this.#expectTimestamp();
    expectFile(bytes, meta, this.#verifier, 'The snapshot');
    const next = this.#readSnapshot(bytes);
    if (next.version !== meta.version)
      throw rolledBack('The snapshot', `version ${next.version} where the timestamp names ${meta.version}`);
    for (const [file, { version }] of this.#snapshot?.meta ?? []) {
      const now = next.meta.get(file);
      if (now === undefined) throw rolledBack('The snapshot', `${file} is not in it any more`);
      if (now.version < version) throw rolledBack('The snapshot', `${file} ${now.version} after ${version}`);
    }
    expectFresh(next, nowMs, 'The snapshot', staleRemedy);
    this.#snapshot = next;
  }

  /** What the snapshot says of a role. */
  metaOf(name: string): MetaFile {
    const meta = this.#snapshot?.meta.get(`${name}.json`);
    if (meta !== undefined) return meta;
    throw new InputError(
      'trust-form',
      `The snapshot names no ${name}.json.`,
      'Publish it, or take the delegation out.',
    );
  }

  /** The role `targets`, or one that `delegator` delegates to. */
  takeTargets(bytes: Uint8Array, name: string, delegator: string, nowMs: number): void {
    const what = name === 'targets' ? 'The targets' : `The role ${name.slice(0, 60)}`;
    const meta = this.metaOf(name);
    expectFile(bytes, meta, this.#verifier, what);
    const envelope = parseEnvelope(bytes, what);
    const role = parseTargets(envelope.signed, what);
    this.#expectRepository(role, 'targets');
    this.#expectDelegated(envelope, name, delegator, what);
    if (role.version !== meta.version)
      throw rolledBack(what, `version ${role.version} where the snapshot names ${meta.version}`);
    expectFresh(role, nowMs, what, 'Let the owner sign it again: goshawk keys renew.');
    this.#targets.set(name, { envelope, role });
  }

  /** A role that was taken for one delegator is signed as another one wants it too. */
  expectDelegatedBy(name: string, delegator: string): void {
    const known = this.#targets.get(name);
    if (known !== undefined)
      this.#expectDelegated(known.envelope, name, delegator, `The role ${name.slice(0, 60)}`);
  }

  /** Whatever a later start believes of the targets on its disk: signed by the root's keys, however old. */
  knowTargets(bytes: Uint8Array): boolean {
    return this.#known(() => {
      const envelope = parseEnvelope(bytes, 'The targets');
      const role = parseTargets(envelope.signed);
      this.#expectRepository(role, 'targets');
      this.#expectTop(envelope, 'targets', this.#root, 'The targets');
      this.#targets.set('targets', { envelope, role });
    });
  }

  #readTimestamp(bytes: Uint8Array): Timestamp {
    const envelope = parseEnvelope(bytes, 'The timestamp');
    const timestamp = parseTimestamp(envelope.signed);
    this.#expectRepository(timestamp, 'timestamp');
    this.#expectTop(envelope, 'timestamp', this.#root, 'The timestamp');
    return timestamp;
  }

  #readSnapshot(bytes: Uint8Array): Snapshot {
    const envelope = parseEnvelope(bytes, 'The snapshot');
    const snapshot = parseSnapshot(envelope.signed);
    this.#expectRepository(snapshot, 'snapshot');
    this.#expectTop(envelope, 'snapshot', this.#root, 'The snapshot');
    return snapshot;
  }

  /** The same keys sign several repositories: what is of one must not pass for what is of another. */
  #expectRepository({ repository }: RoleFields, role: RoleType): void {
    const wanted = role === 'root' ? this.#repository?.root : this.#repository?.roles;
    if (wanted === undefined || wanted === repository) return;
    throw new RefusedError(
      'trust-repository',
      `A ${role} of the repository ${(repository ?? 'without a name').slice(0, 80)} was served as one of ${wanted}.`,
      'It was rejected. An attacker or a mistake serves metadata of one repository as that of another: check the server.',
    );
  }

  #expectTop(envelope: Envelope, role: string, { roles, keys }: Root, what: string): void {
    expectSigned(envelope, roles.get(role) ?? { keyIds: [], threshold: 1 }, keys, this.#verifier, what);
  }

  #expectDelegated(envelope: Envelope, name: string, delegator: string, what: string): void {
    if (name === 'targets') {
      this.#expectTop(envelope, name, this.#root, what);
      return;
    }
    const from = this.#targets.get(delegator)?.role;
    const delegation = from?.delegations.find((one) => one.name === name);
    if (from === undefined || delegation === undefined)
      throw new InputError(
        'trust-form',
        `${delegator.slice(0, 60)} delegates to no ${name.slice(0, 60)}.`,
        'Publish metadata whose delegations fit.',
      );
    expectSigned(envelope, delegation, from.keys, this.#verifier, what);
  }

  #expectTimestamp(): Timestamp {
    if (this.#timestamp !== undefined) return this.#timestamp;
    throw new InputError('trust-form', 'There is no timestamp.', 'Fetch it first.');
  }

  #known(read: () => void): boolean {
    try {
      read();
      return true;
    } catch (error) {
      if (error instanceof GoshawkError) return false;
      throw error;
    }
  }
}

const staleRemedy =
  'The controller renews its metadata: check that it runs, and that the clock of this device is right.';

function expectFresh({ expiresMs }: RoleFields, nowMs: number, what: string, remedy: string): void {
  if (nowMs < expiresMs) return;
  // No RefusedError: it may be renewed any moment, so it is asked for again.
  throw new GoshawkError(
    'trust-expired',
    `${what} expired at ${timeText(expiresMs)}; by what this device knows it is ${timeText(nowMs)}.`,
    remedy,
  );
}

function rolledBack(what: string, how: string): RefusedError {
  return new RefusedError(
    'trust-rollback',
    `${what} is older than the known one: ${how}.`,
    'An attacker serves old metadata, or the repository was restored from an old copy: check the server.',
  );
}
