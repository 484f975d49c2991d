import {
  type DamagedBundle,
  FilesystemModelStore,
  type ReadBundle,
  readBundle,
  type StoredFile,
} from '../../adapters/filesystem/index.ts';
import { unpackFile } from '../../adapters/zstd/index.ts';
import type { ModelStore, Progress } from '../../agent/index.ts';
import {
  CancelledError,
  describeError,
  InputError,
  type Log,
  RefusedError,
  silentLog,
} from '../../base/index.ts';
import type { AnyManifest, Bundle, Manifest } from '../../model/index.ts';
import type { DesiredModel } from '../../protocol/index.ts';
import { BundleFetch } from './fetch/bundle-fetch.ts';
import type { BundleSource } from './fetch/bundle-source.ts';
import type { Peers } from './fetch/peers.ts';
import type { SealedModels } from './sealed-models.ts';

/** Where this device gets models, and how. */
export interface DeviceModelsPorts {
  /** Undefined where the settings name none and no controller let the device in. */
  readonly source: () => BundleSource | undefined;
  readonly peers?: Peers;
  /** Resolves when this model may be fetched now: not before its time, and not over every network. */
  readonly mayFetch?: (model: DesiredModel, signal: AbortSignal) => Promise<void>;
  /** How long to wait after so many bytes. */
  readonly pace?: (bytes: number) => number;
  /** Waits a little for a peer to have this model; false where it was waited for long enough. */
  readonly patience?: (model: DesiredModel, signal: AbortSignal) => Promise<boolean>;
  /** LimitError where the disk has no room for so many bytes more. */
  readonly room?: (bytes: number) => Promise<void>;
  readonly onDamage?: (damaged: DamagedBundle) => void;
  /** Default: in a thread. */
  readonly unpack?: typeof unpackFile;
  readonly log?: Log;
  /** What opens encrypted bundles; without it they are refused. */
  readonly sealed?: SealedModels;
}

/** Half fetched, of slots whose downloads wait for something; of more the oldest goes. */
const mostUnderWay = 8;
type Pause = <T>(wait: () => Promise<T>) => Promise<T>;
const atOnce: Pause = (wait) => wait();

/** The agent's model store: bundles on the disk, new ones from a registry or a peer. */
export class DeviceModels<M extends AnyManifest = Manifest> implements ModelStore<M> {
  readonly #store: FilesystemModelStore<M>;
  readonly #read: ReadBundle<M>;
  readonly #ports: DeviceModelsPorts;
  /** Bundles that came with the device and that the disk did not take, where they lie. */
  readonly #elsewhere = new Map<string, Bundle<M>>();
  /** By digest, the newest last. */
  readonly #fetches = new Map<string, BundleFetch>();

  /** `read`: of releases of the agent that of any bundle. */
  constructor(
    folder: string,
    ports: DeviceModelsPorts,
    read: ReadBundle<M> = readBundle as ReadBundle<AnyManifest> as ReadBundle<M>,
  ) {
    this.#read = read;
    this.#store = new FilesystemModelStore(folder, ports.onDamage, read);
    this.#ports = ports;
  }

  async find(digest: string): Promise<Bundle<M> | undefined> {
    return (await this.#store.getIntact(digest)) ?? this.#elsewhere.get(digest);
  }

  /** Every file of a whole bundle, by digest: what other devices may be given. */
  files(): Promise<ReadonlyMap<string, StoredFile>> {
    return this.#store.files();
  }

  /** Takes over a bundle that came with the device; where the disk does not take it, it is used where it lies. */
  async importFolder(folder: string, onRefusal: (reason: string) => void): Promise<Bundle<M>> {
    try {
      return await this.#store.importFolder(folder);
    } catch (error) {
      const bundle = await this.#read(folder, 'digests');
      this.#elsewhere.set(bundle.digest, bundle);
      onRefusal(describeError(error));
      return bundle;
    }
  }

  async download(
    model: DesiredModel,
    progress: Progress,
    signal: AbortSignal,
    pause: Pause = atOnce,
  ): Promise<void> {
    const { digest } = model;
    if ((await this.find(digest)) !== undefined) return;
    if (signal.aborted) throw new CancelledError('The download of a model');
    await pause(() => this.#ports.mayFetch?.(model, signal) ?? Promise.resolve());
    // Another slot may have fetched it meanwhile.
    if ((await this.find(digest)) !== undefined) return;
    const source = this.#ports.source();
    if (source === undefined) throw nowhere(model);
    const { peers, pace, log = silentLog, sealed } = this.#ports;
    const fetch = await this.#fetchOf(model);
    // What an earlier order left half done only takes room.
    await this.#store.removeDownloadsExcept(this.#fetches.keys());
    const key = () => sealed?.publicKey;
    const patience = (stop: AbortSignal) =>
      pause(() => this.#ports.patience?.(model, stop) ?? Promise.resolve(false));
    const room = (bytes: number) => this.#makeRoom(digest, bytes);
    const ports = { source, peers, pace, log, key, patience, room, have: await this.files() };
    try {
      await fetch.download(ports, progress, signal);
    } catch (error) {
      const isRefused = error instanceof InputError || error instanceof RefusedError;
      if (signal.aborted || isRefused) this.#fetches.delete(digest);
      // What came of it is of no use; what an aborted one has is gone on with.
      if (isRefused && !signal.aborted) await this.#discard(digest);
      throw error;
    }
  }

  /** Of a model that is wanted now: what others left half done goes for it. */
  async #makeRoom(digest: string, bytes: number): Promise<void> {
    const { room } = this.#ports;
    try {
      await room?.(bytes);
    } catch {
      for (const other of this.#fetches.keys()) if (other !== digest) this.#fetches.delete(other);
      await this.#store.removeDownloadsExcept([digest]);
      await room?.(bytes);
    }
  }

  async #discard(digest: string): Promise<void> {
    await (await this.#store.stage(digest)).discard();
  }

  packed(digest: string): boolean {
    return this.#fetches.get(digest)?.packed === true;
  }

  async unpack(digest: string, progress: Progress, signal: AbortSignal): Promise<void> {
    if (!this.packed(digest)) return;
    const { unpack = unpackFile } = this.#ports;
    await this.#fetches.get(digest)?.unpack({ have: await this.files(), unpack }, progress, signal);
  }

  async verify(digest: string): Promise<Bundle<M>> {
    this.#fetches.delete(digest);
    const there = await this.find(digest);
    if (there !== undefined) return there;
    try {
      return await (await this.#store.stage(digest)).commit();
    } catch (error) {
      if (error instanceof InputError) await this.#discard(digest);
      throw error;
    }
  }

  async decrypt(bundle: Bundle<M>, progress: Progress, signal: AbortSignal): Promise<void> {
    try {
      const { sealed } = this.#ports;
      if (sealed === undefined) throw sealedHere(bundle);
      await sealed.check(bundle as Bundle<Manifest>, progress, signal);
    } catch (error) {
      if (!signal.aborted && (error instanceof InputError || error instanceof RefusedError))
        // With another envelope the same bundle may open.
        await this.#store.remove(bundle.digest);
      throw error;
    }
  }

  async keepOnly(digests: readonly string[]): Promise<void> {
    for (const digest of await this.#store.digests())
      if (!digests.includes(digest)) await this.#store.remove(digest);
  }

  /** The one under way goes on; it knows which forms were of no use. */
  async #fetchOf(model: DesiredModel): Promise<BundleFetch> {
    const { digest } = model;
    const known = this.#fetches.get(digest);
    // An earlier start may have left it half done, or another slot's download taken it away to make room.
    const staged = await this.#store.stage(digest);
    if (known !== undefined) return known;
    const fetch = new BundleFetch(model, staged);
    this.#fetches.set(digest, fetch);
    for (const oldest of this.#fetches.keys())
      if (this.#fetches.size > mostUnderWay) this.#fetches.delete(oldest);
    return fetch;
  }
}

function sealedHere({ manifest }: Bundle<AnyManifest>): RefusedError {
  return new RefusedError(
    'sealed-no-key',
    `The model ${manifest.name} ${manifest.version} is encrypted, and this device has no key for it.`,
    'Let the device enrol; encrypted models need its certificate.',
  );
}

function nowhere({ name, version, digest }: DesiredModel): InputError {
  // Asking again will not bring an address: an InputError is not tried again.
  return new InputError(
    'model-unknown',
    `This device has no model ${name} ${version} (${digest}), and knows no registry to fetch it from.`,
    'Let the device enrol, or name the registry in its settings (artifacts.registry): the address of the controller is one.',
  );
}
