import { lstat, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describeError, InputError, LimitError, MissingError } from '../../base/index.ts';
import {
  type AnyManifest,
  type Bundle,
  bundleFiles,
  fileIn,
  type Manifest,
  parseAnyManifest,
} from '../../model/index.ts';
import {
  digestOf,
  explainFileError,
  renameSynced,
  syncFolder,
  systemCode,
  writeSynced,
} from '../../platform/index.ts';
import {
  type BundleContent,
  copySynced,
  envelopeName,
  filesOnDisk,
  type ReadBundle,
  readBundle,
  readEnvelope,
  syncBundle,
} from './bundle-folder.ts';

/** Of the folder of a bundle that is on its way. */
const downloadEnding = '.download';
/** Of the folder of a bundle that was found damaged. */
const damagedEnding = '.damaged';

/** A bundle on the disk is not what its digest says. */
export interface DamagedBundle {
  readonly digest: string;
  /** What is wrong, in words. */
  readonly reason: string;
  /** Where it lies now; undefined where the disk refused to move it. */
  readonly movedTo: string | undefined;
}

export interface StoredFile {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
}

/**
 * The bundles that a device has on its disk, by digest.
 *
 * INVARIANTS
 * - a folder `<root>/<64 hex>` is a whole bundle whose every file was verified before it got its name;
 * - `<root>/<64 hex>.download` is one that is being fetched; it may be gone on with after a restart;
 * - `<root>/<64 hex>.damaged` is one that bytes on the disk changed after that; it is not read any more.
 */
export class FilesystemModelStore<M extends AnyManifest = Manifest> {
  readonly #root: string;
  readonly #read: ReadBundle<M>;
  readonly #onDamage: (damaged: DamagedBundle) => void;

  /** `read`: which bundles these are. */
  constructor(
    root: string,
    onDamage: (damaged: DamagedBundle) => void = () => {},
    read: ReadBundle<M> = readBundle as ReadBundle<AnyManifest> as ReadBundle<M>,
  ) {
    this.#root = root;
    this.#read = read;
    this.#onDamage = onDamage;
  }

  /** Of everything that has a folder here: whole, damaged or on its way. */
  async digests(): Promise<readonly string[]> {
    const names = await readdir(this.#root).catch((error: unknown) => {
      if (systemCode(error) === 'ENOENT') return [];
      throw explainFileError(error, 'list the models', this.#root);
    });
    const digests = names.flatMap((name) => {
      const hex = /^([0-9a-f]{64})(\.download|\.damaged)?$/.exec(name)?.[1];
      return hex === undefined ? [] : [`sha256:${hex}`];
    });
    return [...new Set(digests)].sort();
  }

  /**
   * The files of all whole bundles by their digest, for who needs one again. Only their sizes are looked at: whoever uses one
   * checks what comes of it.
   */
  async files(): Promise<ReadonlyMap<string, StoredFile>> {
    const files = new Map<string, StoredFile>();
    for (const digest of await this.digests()) {
      const bundle = await this.#read(this.#folder(digest)).catch(() => undefined);
      if (bundle === undefined || bundle.digest !== digest) continue;
      const { location } = bundle;
      files.set(digest, await sizedFile(join(location, 'manifest.json')));
      for (const file of filesOnDisk(bundle, await readEnvelope(location)))
        files.set(file.digest, { path: fileIn(bundle, file), size: file.size });
    }
    return files;
  }

  /** As `get`, but a bundle that is damaged is set aside, so that it can be fetched again, and counts as not there. */
  async getIntact(digest: string): Promise<Bundle<M> | undefined> {
    try {
      return await this.get(digest);
    } catch (error) {
      if (!isDamage(error)) throw error;
      await this.#setAside(digest, describeError(error));
      return undefined;
    }
  }

  /** Reads and verifies every byte; undefined where the store does not have it, rejects where it is damaged. */
  async get(digest: string): Promise<Bundle<M> | undefined> {
    const folder = this.#folder(digest);
    const bundle = await this.#read(folder, 'digests').catch(async (error: unknown) => {
      if (error instanceof MissingError && !(await isThere(folder))) return undefined;
      throw error;
    });
    if (bundle !== undefined && bundle.digest !== digest) {
      throw new InputError(
        'bundle-digest',
        `${folder} holds the bundle ${bundle.digest}.`,
        'Remove that folder; the device fetches the bundle again.',
      );
    }
    return bundle;
  }

  /** Copies a bundle's folder into the store. */
  async importFolder(folder: string): Promise<Bundle<M>> {
    const source = await this.#read(folder, 'digests');
    const known = await this.getIntact(source.digest);
    if (known !== undefined) return known;
    const staging = await this.stage(source.digest);
    await staging.write('manifest.json', await readFile(join(folder, 'manifest.json')));
    const envelope = await readEnvelope(folder);
    if (envelope !== undefined) await staging.write(envelopeName, JSON.stringify(envelope));
    for (const file of filesOnDisk(source, envelope)) {
      await copySynced(fileIn(source, file), await staging.pathOf(file.path)).catch((error: unknown) => {
        throw explainFileError(error, 'copy the bundle', folder);
      });
    }
    return staging.commit();
  }

  /** Stores a bundle that came as bytes: the text of its manifest and its files by path. */
  async add(manifest: string, contents: ReadonlyMap<string, Uint8Array>): Promise<Bundle<M>> {
    const digest = digestOf(manifest);
    const known = await this.getIntact(digest);
    if (known !== undefined) return known;
    const staging = await this.stage(digest);
    await staging.write('manifest.json', manifest);
    for (const { path } of bundleFiles(parseAnyManifest(manifest, 'manifest.json'))) {
      const content: BundleContent | undefined = contents.get(path);
      if (content === undefined) {
        throw new InputError(
          'bundle-content',
          `The bundle's file ${path} is missing.`,
          'Send the whole bundle.',
        );
      }
      await staging.write(path, content);
    }
    return staging.commit();
  }

  /** Removes what was begun to be fetched and is not wanted any more. */
  async removeDownloadsExcept(digests: Iterable<string>): Promise<void> {
    const wanted = new Set(
      Array.from(digests, (digest) => `${digest.slice('sha256:'.length)}${downloadEnding}`),
    );
    for (const name of await readdir(this.#root).catch((): string[] => []))
      if (/^[0-9a-f]{64}\.download$/.test(name) && !wanted.has(name))
        await rm(join(this.#root, name), { recursive: true, force: true });
  }

  /** A folder to fetch a bundle into, file by file; what an earlier try left is still there. */
  async stage(digest: string): Promise<StagedBundle<M>> {
    const target = this.#folder(digest);
    const folder = `${target}${downloadEnding}`;
    await mkdir(folder, { recursive: true }).catch((error: unknown) => {
      throw explainFileError(error, 'make room for the bundle', folder);
    });
    return new StagedBundle(digest, folder, target, () => this.getIntact(digest), this.#read);
  }

  /** With what of it is on its way or damaged. */
  async remove(digest: string): Promise<void> {
    const folder = this.#folder(digest);
    for (const path of [folder, `${folder}${downloadEnding}`, `${folder}${damagedEnding}`])
      await rm(path, { recursive: true, force: true }).catch((error: unknown) => {
        throw explainFileError(error, 'remove the model', path);
      });
  }

  /** One that was set aside before makes room. A disk that refuses to rename lets nothing be fetched either. */
  async #setAside(digest: string, reason: string): Promise<void> {
    const folder = this.#folder(digest);
    const aside = `${folder}${damagedEnding}`;
    const moved = await rm(aside, { recursive: true, force: true })
      .then(() => rename(folder, aside))
      .then(() => syncFolder(this.#root))
      .then(
        () => true,
        () => false,
      );
    this.#onDamage({ digest, reason, movedTo: moved ? aside : undefined });
  }

  #folder(digest: string): string {
    const hex = /^sha256:([0-9a-f]{64})$/.exec(digest)?.[1];
    if (hex === undefined) {
      throw new InputError('digest-form', `"${digest}" is not a digest.`, 'Write sha256: and 64 hex digits.');
    }
    return join(this.#root, hex);
  }
}

/** A bundle on its way into the store. */
export class StagedBundle<M extends AnyManifest> {
  readonly folder: string;
  readonly #digest: string;
  readonly #target: string;
  /** The bundle that is in the place already, if it is whole. */
  readonly #inPlace: () => Promise<Bundle<M> | undefined>;
  readonly #read: ReadBundle<M>;

  constructor(
    digest: string,
    folder: string,
    target: string,
    inPlace: () => Promise<Bundle<M> | undefined>,
    read: ReadBundle<M>,
  ) {
    this.#read = read;
    this.#digest = digest;
    this.folder = folder;
    this.#target = target;
    this.#inPlace = inPlace;
  }

  /** Where a file of the bundle goes; its folder is made. */
  async pathOf(path: string): Promise<string> {
    const full = join(this.folder, path);
    await mkdir(join(full, '..'), { recursive: true });
    return full;
  }

  /** The part of a file that an earlier try left; undefined without one. */
  read(path: string): Promise<Uint8Array | undefined> {
    return readFile(join(this.folder, path)).catch(() => undefined);
  }

  async write(path: string, bytes: Uint8Array | string): Promise<void> {
    const full = await this.pathOf(path);
    try {
      await rm(full, { force: true });
      await writeSynced(full, bytes);
    } catch (error) {
      throw explainFileError(error, 'store the bundle', full);
    }
  }

  async remove(path: string): Promise<void> {
    await rm(join(this.folder, path), { force: true });
  }

  /** Verifies every byte and gives the folder its name. Throws, and keeps the folder, where something is missing. */
  async commit(): Promise<Bundle<M>> {
    const bundle = await this.#read(this.folder, 'digests');
    if (bundle.digest !== this.#digest) {
      throw new InputError(
        'bundle-digest',
        `The received manifest has the digest ${bundle.digest} instead of ${this.#digest}.`,
        'The place that it came from serves another bundle; correct its address.',
      );
    }
    await syncBundle(this.folder, bundle.manifest).catch((error: unknown) => {
      throw explainFileError(error, 'store the bundle', this.folder);
    });
    await this.#putInPlace();
    return this.#read(this.#target);
  }

  async #putInPlace(): Promise<void> {
    const put = () => renameSynced(this.folder, this.#target);
    try {
      await put().catch(async (error: unknown) => {
        if (systemCode(error) !== 'ENOTEMPTY' && systemCode(error) !== 'EEXIST') throw error;
        // Another writer stored the same bytes first, or the stored file is damaged and was set aside.
        if ((await this.#inPlace()) === undefined) await put();
        else await this.discard();
      });
    } catch (error) {
      throw explainFileError(error, 'store the bundle', this.#target);
    }
  }

  async discard(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

async function sizedFile(path: string): Promise<StoredFile> {
  return { path, size: (await lstat(path)).size };
}

/** The disk gave other bytes than were written, or none; a permission or a full disk says nothing of them. */
function isDamage(error: unknown): boolean {
  if (error instanceof InputError || error instanceof MissingError || error instanceof LimitError)
    return true;
  return error instanceof Error && systemCode(error.cause) === 'EIO';
}

function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    (error: unknown) => systemCode(error) !== 'ENOENT' && systemCode(error) !== 'ENOTDIR',
  );
}
