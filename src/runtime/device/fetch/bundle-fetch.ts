import { copyFile, mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { envelopeName, filesOnDisk, type StagedBundle } from '../../../adapters/filesystem/index.ts';
import type { unpackFile } from '../../../adapters/zstd/index.ts';
import type { Progress } from '../../../agent/index.ts';
import { defined, describeError, InputError, type Log, MissingError } from '../../../base/index.ts';
import {
  type AnyManifest,
  type BundleFile,
  bundleFiles,
  parseAnyManifest,
  type TransferForm,
  waysToFetch,
} from '../../../model/index.ts';
import { digestFile, digestOf, removePartials } from '../../../platform/index.ts';
import type { DesiredModel } from '../../../protocol/index.ts';
import {
  expectEnvelopeOf,
  expectSealedSizes,
  recipientOf,
  type SealedEnvelope,
} from '../../../trust/index.ts';
import type { BundleSource, FetchOptions } from './bundle-source.ts';
import type { Peers } from './peers.ts';

/** Where packed files wait, in the folder of a bundle that is on its way. */
const packedFolder = '.packed';

/** For a smaller file no peer is waited for. */
const worthWaiting = 1_000_000;

interface UnpackPorts extends Pick<BundleFetchPorts, 'have'> {
  readonly unpack: typeof unpackFile;
}

interface Choice {
  readonly forms: readonly TransferForm[];
  /** Sizes of the files that are there before, by digest. */
  readonly earlier: ReadonlyMap<string, number>;
}

/** A file of the bundle that came packed. */
interface Packed {
  readonly file: BundleFile;
  readonly form: TransferForm;
  readonly path: string;
}

export interface BundleFetchPorts {
  readonly source: BundleSource;
  readonly peers?: Peers | undefined;
  /** Where a file with this digest lies on this device, and its size. */
  readonly have: ReadonlyMap<string, { readonly path: string; readonly size: number }>;
  readonly log: Log;
  readonly pace?: ((bytes: number) => number) | undefined;
  /** Waits a little while for a peer to have the model; false where it was waited for long enough. */
  readonly patience?: ((signal: AbortSignal) => Promise<boolean>) | undefined;
  /** LimitError where the disk has no room for so many bytes more. */
  readonly room?: ((bytes: number) => Promise<void>) | undefined;
  /** Digest of this device's public key; undefined while it has none. */
  readonly key?: (() => string | undefined) | undefined;
}

/**
 * One bundle on its way: its manifest, then its files, each in the way that costs the fewest bytes: copied from another
 * bundle of this device, from a peer, as a delta, packed, as it is. What came packed is unpacked in a second step.
 *
 * INVARIANT: a form that was of no use is not tried a second time.
 */
export class BundleFetch {
  readonly #model: DesiredModel;
  readonly #staging: StagedBundle<AnyManifest>;
  readonly #useless = new Set<string>();
  #packed: Packed[] = [];

  constructor(model: DesiredModel, staging: StagedBundle<AnyManifest>) {
    this.#model = model;
    this.#staging = staging;
  }

  /** Some files wait to be unpacked. */
  get packed(): boolean {
    return this.#packed.length > 0;
  }

  async download(ports: BundleFetchPorts, progress: Progress, signal: AbortSignal): Promise<void> {
    const { source, log } = ports;
    const text = await this.#manifest(ports, signal);
    const manifest = parseAnyManifest(text, `${source.where}, ${this.#model.name}`);
    const envelope = await this.#envelope(ports, manifest, signal);
    const files = filesOnDisk({ manifest }, envelope);
    const total = files.reduce((sum, file) => sum + file.size, 0);
    const missing = [];
    for (const file of files) if (!(await this.#isThere(file))) missing.push(file);
    await ports.room?.(roomFor(missing));
    const forms = missing.length === 0 ? [] : await this.#forms(source, signal, log);
    this.#packed = [];
    let before = total - missing.reduce((sum, file) => sum + file.size, 0);
    for (const file of missing) {
      // A file may be what differs from another one of its bundle: one that comes before it.
      const earlier = new Map(files.slice(0, files.indexOf(file)).map(({ digest, size }) => [digest, size]));
      const onBytes = (bytes: number) => progress(Math.min(1, (before + bytes) / total));
      await this.#get(file, { forms, earlier }, ports, onBytes, signal);
      before += file.size;
      onBytes(0);
    }
    if (!this.packed) await this.#removePacked();
    if (missing.length === 0 || total === 0) progress(1);
  }

  /** Rejects with InputError `transfer-unusable` where a packed file was of no use; it is fetched in another way then. */
  async unpack({ have, unpack }: UnpackPorts, progress: Progress, signal: AbortSignal): Promise<void> {
    const all = this.#packed;
    for (const [index, { file, form, path }] of all.entries()) {
      progress(index / all.length);
      const base =
        form.base === undefined ? undefined : (have.get(form.base)?.path ?? (await this.#staged(form.base)));
      const target = await this.#staging.pathOf(file.path);
      try {
        if (form.base !== undefined && base === undefined)
          throw new MissingError(
            'unpack-base',
            `The file that ${file.path} differs from is gone.`,
            'Goshawk fetches the model in another form.',
          );
        const { digest, size } = file;
        const job = { packed: path, target, expected: { digest, size } };
        await unpack(base === undefined ? job : { ...job, base }, signal);
      } catch (error) {
        if (signal.aborted) throw error;
        this.#useless.add(form.digest);
        await rm(path, { force: true });
        throw new InputError(
          'transfer-unusable',
          `${file.path} can't be made from what came packed: ${describeError(error)}`,
          'Goshawk fetches the model in another form.',
          { cause: error },
        );
      }
    }
    this.#packed = [];
    await this.#removePacked();
    progress(1);
  }

  async #removePacked(): Promise<void> {
    await rm(join(this.#staging.folder, packedFolder), { recursive: true, force: true });
  }

  async #manifest({ source, peers }: BundleFetchPorts, signal: AbortSignal): Promise<string> {
    const { digest } = this.#model;
    const staged = await this.#staging.read('manifest.json');
    const bytes =
      staged !== undefined && digestOf(staged) === digest
        ? staged
        : ((await peers?.manifest(digest, signal)) ?? (await source.manifest(this.#model, signal)));
    if (bytes !== staged) await this.#staging.write('manifest.json', bytes);
    return new TextDecoder().decode(bytes);
  }

  /** Where the bundle is encrypted, for whom; the envelope lies beside the manifest then. */
  async #envelope(
    { source, key }: BundleFetchPorts,
    manifest: AnyManifest,
    signal: AbortSignal,
  ): Promise<SealedEnvelope | undefined> {
    const envelope = await source.envelope(this.#model, signal);
    if (envelope === undefined) {
      await this.#staging.remove(envelopeName);
      return undefined;
    }
    expectEnvelopeOf(envelope, this.#model.digest);
    expectSealedSizes(envelope, new Map(bundleFiles(manifest).map(({ digest, size }) => [digest, size])));
    // Said before a byte of a model is fetched that is for others.
    recipientOf(envelope, key?.() ?? '');
    await this.#staging.write(envelopeName, JSON.stringify(envelope));
    return envelope;
  }

  /** Where a file of this bundle lies, by its digest. */
  async #staged(digest: string): Promise<string | undefined> {
    const text = await this.#staging.read('manifest.json');
    if (text === undefined) return undefined;
    const file = bundleFiles(parseAnyManifest(new TextDecoder().decode(text), 'manifest.json')).find(
      (one) => one.digest === digest,
    );
    return file === undefined ? undefined : this.#staging.pathOf(file.path);
  }

  /** An earlier try may have got it; one that was unpacked is not fetched again as it is. */
  async #isThere({ path, size, digest }: BundleFile): Promise<boolean> {
    const target = await this.#staging.pathOf(path);
    const there = await stat(target).catch(() => undefined);
    return there?.size === size && (await digestFile(target)).digest === digest;
  }

  /** A list that can't be had, or is none, costs bytes and nothing else. */
  async #forms(source: BundleSource, signal: AbortSignal, log: Log): Promise<readonly TransferForm[]> {
    return source.forms(this.#model, signal).catch((error: unknown) => {
      if (signal.aborted) throw error;
      log.warn('Models are fetched as they are', { reason: describeError(error) });
      return [];
    });
  }

  /** While others wait for each other, one of them gets it over the line that all share. */
  async #fromPeers(
    peers: Peers,
    file: BundleFile,
    target: string,
    options: FetchOptions,
    { patience }: BundleFetchPorts,
  ): Promise<boolean> {
    do if (await peers.fetch(file, target, options)) return true;
    while (file.size >= worthWaiting && (await patience?.(options.signal)) === true);
    return false;
  }

  async #get(
    file: BundleFile,
    { forms, earlier }: Choice,
    ports: BundleFetchPorts,
    onBytes: (bytes: number) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const { source, peers, have, pace, log } = ports;
    const options: FetchOptions = { signal, onBytes, ...defined({ pace }) };
    const target = await this.#staging.pathOf(file.path);
    // What a kill left in the middle of a write would stay in the bundle's folder.
    await removePartials(target);
    await rm(`${target}.peer`, { force: true });
    const here = have.get(file.digest);
    if (here !== undefined && here.path !== target) {
      await copyFile(here.path, target);
      // It may have been damaged on the disk since it was looked at.
      if ((await digestFile(target)).digest === file.digest) return;
      await rm(target, { force: true });
    }
    if (peers !== undefined && (await this.#fromPeers(peers, file, target, options, ports))) return;
    const ways = waysToFetch(file, forms, (digest) => have.get(digest)?.size ?? earlier.get(digest));
    for (const form of ways.filter(({ digest }) => !this.#useless.has(digest))) {
      const path = join(this.#staging.folder, packedFolder, form.digest.slice('sha256:'.length));
      await mkdir(join(path, '..'), { recursive: true });
      const scale = file.size / form.size;
      try {
        await source.fetch(this.#model, form, path, {
          ...options,
          onBytes: (bytes) => onBytes(bytes * scale),
        });
        this.#packed.push({ file, form, path });
        return;
      } catch (error) {
        if (signal.aborted || !(error instanceof InputError)) throw error;
        this.#useless.add(form.digest);
        log.warn('A model is fetched in another form', { reason: describeError(error) });
      }
    }
    await source.fetch(this.#model, file, target, options);
  }
}

/** All of them, and the largest once more: what comes packed lies beside what becomes of it. */
function roomFor(files: readonly BundleFile[]): number {
  const sizes = files.map(({ size }) => size);
  return sizes.reduce((sum, size) => sum + size, 0) + Math.max(0, ...sizes);
}
