import { GoshawkError, InputError } from '../../base/index.ts';
import type { TrustCrypto } from '../format/keys.ts';
import type { MetaFile, Root, TargetFile, Targets } from '../format/roles.ts';
import { isDelegated } from './delegations.ts';
import type { TrustLimits } from './limits.ts';
import { type RepositoryName, TrustedSet } from './trusted-set.ts';

/** Port: where metadata is published. */
export interface MetadataSource {
  /**
   * Undefined where it is not there. Rejects where nobody knows, and with a LimitError as soon as there are more bytes than
   * `maxBytes`.
   */
  fetch(file: string, maxBytes: number, signal?: AbortSignal): Promise<Uint8Array | undefined>;
}

/** Port: metadata that was believed, on this device's disk. */
export interface MetadataStore {
  /** Undefined where it is not there, or can't be read. `role`: its name as it is. */
  read(role: string): Promise<Uint8Array | undefined>;
  /** Resolves when it would survive a power cut. */
  write(role: string, bytes: Uint8Array): Promise<void>;
}

export interface MetadataClientPorts {
  readonly source: MetadataSource;
  readonly store: MetadataStore;
  readonly verifier: TrustCrypto;
  readonly limits: TrustLimits;
  readonly repository?: RepositoryName;
}

/**
 * Brings the metadata of one repository up to date and finds targets in it: the workflow of chapter 5 of the TUF
 * specification. The time is asked for once, when the root is up to date, and fixed for the rest of a refresh.
 */
export class MetadataClient {
  readonly #ports: MetadataClientPorts;
  readonly #set: TrustedSet;
  readonly #signal: AbortSignal | undefined;
  #nowMs = Number.POSITIVE_INFINITY;

  private constructor(set: TrustedSet, ports: MetadataClientPorts, signal?: AbortSignal) {
    this.#set = set;
    this.#ports = ports;
    this.#signal = signal;
  }

  /**
   * Fetches what is new, and rejects where anything can't be believed. What was believed before that is on the disk.
   * `flashedRoot` is what it begins with where the disk has no root, or a torn one. `timeUnder`: what time it is, by the
   * newest root.
   */
  static async refresh(
    timeUnder: (root: Root) => number,
    ports: MetadataClientPorts,
    flashedRoot?: Uint8Array,
    signal?: AbortSignal,
  ): Promise<MetadataClient> {
    const client = new MetadataClient(await openTrusted(ports, flashedRoot), ports, signal);
    await client.#refreshRoot();
    client.#nowMs = timeUnder(client.#set.root);
    client.#set.expectFreshRoot(client.#nowMs);
    await client.#refreshTimestamp();
    await client.#refreshSnapshot();
    await client.#load('targets', 'root');
    return client;
  }

  get trusted(): TrustedSet {
    return this.#set;
  }

  /** Looks through the role `targets` and those that it delegates to, in their order; undefined where none has it. */
  async target(path: string): Promise<TargetFile | undefined> {
    const open: { readonly name: string; readonly from: string }[] = [{ name: 'targets', from: 'root' }];
    const visited = new Set<string>();
    while (open.length > 0 && visited.size < this.#ports.limits.delegations) {
      const { name, from } = open.pop()!;
      if (visited.has(name)) continue;
      visited.add(name);
      const role = await this.#load(name, from);
      const found = role.targets.get(path);
      if (found !== undefined) return found;
      const next = role.delegations.filter((one) => isDelegated(one, path, this.#ports.verifier));
      const end = next.findIndex(({ terminating }) => terminating);
      if (end >= 0) {
        open.length = 0;
        next.length = end + 1;
      }
      open.push(...next.reverse().map((one) => ({ name: one.name, from: name })));
    }
    return undefined;
  }

  async #refreshRoot(): Promise<void> {
    const { source, store, limits } = this.#ports;
    for (let n = 0; n < limits.rootRotations; n++) {
      const file = `${this.#set.root.version + 1}.root.json`;
      const bytes = await source.fetch(file, limits.rootBytes, this.#signal);
      if (bytes === undefined) return;
      this.#set.takeRoot(bytes);
      await store.write('root', bytes);
    }
  }

  async #refreshTimestamp(): Promise<void> {
    const { source, store, limits } = this.#ports;
    const known = await store.read('timestamp');
    if (known !== undefined) this.#set.knowTimestamp(known);
    const bytes = await source.fetch('timestamp.json', limits.timestampBytes, this.#signal);
    if (bytes === undefined) throw notPublished('timestamp.json');
    if (this.#set.takeTimestamp(bytes, this.#nowMs)) await store.write('timestamp', bytes);
  }

  async #refreshSnapshot(): Promise<void> {
    const { store, limits } = this.#ports;
    const known = await store.read('snapshot');
    if (known !== undefined) this.#set.knowSnapshot(known);
    if (this.#set.snapshotIsCurrent(known, this.#nowMs)) return;
    const meta = this.#set.timestamp!.snapshot;
    const bytes = await this.#fetchRole('snapshot', meta, limits.snapshotBytes);
    this.#set.takeSnapshot(bytes, this.#nowMs);
    await store.write('snapshot', bytes);
  }

  async #load(name: string, from: string): Promise<Targets> {
    const there = this.#set.role(name);
    if (there !== undefined) {
      this.#set.expectDelegatedBy(name, from);
      return there;
    }
    const { store, limits } = this.#ports;
    const known = await store.read(name);
    if (known === undefined || !this.#takeKnown(known, name, from)) {
      const bytes = await this.#fetchRole(name, this.#set.metaOf(name), limits.targetsBytes);
      this.#set.takeTargets(bytes, name, from, this.#nowMs);
      await store.write(name, bytes);
    }
    return this.#set.role(name)!;
  }

  #takeKnown(bytes: Uint8Array, name: string, from: string): boolean {
    try {
      this.#set.takeTargets(bytes, name, from, this.#nowMs);
      return true;
    } catch (error) {
      if (error instanceof GoshawkError) return false;
      throw error;
    }
  }

  async #fetchRole(name: string, meta: MetaFile, most: number): Promise<Uint8Array> {
    const encoded = `${encodeURIComponent(name)}.json`;
    const file = this.#set.root.consistentSnapshot ? `${meta.version}.${encoded}` : encoded;
    const bytes = await this.#ports.source.fetch(file, Math.min(meta.length ?? most, most), this.#signal);
    if (bytes === undefined) throw notPublished(file);
    return bytes;
  }
}

/** From the disk where it is whole, else what the device was flashed with. */
export async function openTrusted(
  { store, verifier, repository }: Omit<MetadataClientPorts, 'source' | 'limits'>,
  flashedRoot: Uint8Array | undefined,
): Promise<TrustedSet> {
  const stored = await store.read('root');
  const flashed = flashedRoot && new TrustedSet(flashedRoot, verifier, repository);
  if (stored === undefined) {
    if (flashed !== undefined) return flashed;
    throw new InputError(
      'trust-no-root',
      'There is no root to begin with.',
      'Put the root on the device: docs/trust.md.',
    );
  }
  try {
    const set = new TrustedSet(stored, verifier, repository);
    // Who flashes a newer root means it.
    return flashed !== undefined && flashed.root.version > set.root.version ? flashed : set;
  } catch (error) {
    if (flashed !== undefined && error instanceof GoshawkError) return flashed;
    throw error;
  }
}

/** Not there now, which may be a moment between two versions: it is asked for again. */
function notPublished(file: string): GoshawkError {
  return new GoshawkError(
    'trust-unpublished',
    `${file.slice(0, 120)} is not published.`,
    'Check that the controller has signed metadata: goshawk keys publish.',
  );
}
