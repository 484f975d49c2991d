import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError, MissingError } from '../../base/index.ts';
import { type Bundle, bundleFiles, fileIn, parseManifest } from '../../model/index.ts';
import { digestOf, explainFileError, renameSynced, systemCode, writeSynced } from '../../platform/index.ts';
import { type BundleContent, copySynced, readBundle, syncBundleFolders } from './bundle-folder.ts';

/** Of the folder of a bundle that is on its way. */
const downloadEnding = '.download';

/**
 * The bundles that a device has on its disk, by digest.
 *
 * INVARIANTS
 * - a folder `<root>/<64 hex>` is a whole bundle whose every file was verified before it got its name;
 * - `<root>/<64 hex>.download` is one that is being fetched; it may be gone on with after a restart.
 */
export class FilesystemModelStore {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  /** Of everything that has a folder here: whole, damaged or on its way. */
  async digests(): Promise<readonly string[]> {
    const names = await readdir(this.#root).catch((error: unknown) => {
      if (systemCode(error) === 'ENOENT') return [];
      throw explainFileError(error, 'list the models', this.#root);
    });
    const digests = names.flatMap((name) => {
      const hex = /^([0-9a-f]{64})(\.download)?$/.exec(name)?.[1];
      return hex === undefined ? [] : [`sha256:${hex}`];
    });
    return [...new Set(digests)].sort();
  }

  /** Reads and verifies every byte; undefined where the store does not have it. */
  async get(digest: string): Promise<Bundle | undefined> {
    const folder = this.#folder(digest);
    const bundle = await readBundle(folder, 'digests').catch((error: unknown) => {
      if (error instanceof MissingError && error.code === 'bundle-missing') return undefined;
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
  async importFolder(folder: string): Promise<Bundle> {
    const source = await readBundle(folder, 'digests');
    const known = await this.get(source.digest);
    if (known !== undefined) return known;
    const staging = await this.stage(source.digest);
    await staging.write('manifest.json', await readFile(join(folder, 'manifest.json')));
    for (const file of bundleFiles(source.manifest)) {
      await copySynced(fileIn(source, file), await staging.pathOf(file.path)).catch((error: unknown) => {
        throw explainFileError(error, 'copy the bundle', folder);
      });
    }
    return staging.commit();
  }

  /** Stores a bundle that came as bytes: the text of its manifest and its files by path. */
  async add(manifest: string, contents: ReadonlyMap<string, Uint8Array>): Promise<Bundle> {
    const digest = digestOf(manifest);
    const known = await this.get(digest);
    if (known !== undefined) return known;
    const staging = await this.stage(digest);
    await staging.write('manifest.json', manifest);
    for (const { path } of bundleFiles(parseManifest(manifest, 'manifest.json'))) {
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

  /** A folder to fetch a bundle into, file by file; what an earlier try left is still there. */
  async stage(digest: string): Promise<StagedBundle> {
    const target = this.#folder(digest);
    const folder = `${target}${downloadEnding}`;
    await mkdir(folder, { recursive: true }).catch((error: unknown) => {
      throw explainFileError(error, 'make room for the bundle', folder);
    });
    return new StagedBundle(digest, folder, target);
  }

  /** With what of it is on its way. */
  async remove(digest: string): Promise<void> {
    const folder = this.#folder(digest);
    for (const path of [folder, `${folder}${downloadEnding}`])
      await rm(path, { recursive: true, force: true }).catch((error: unknown) => {
        throw explainFileError(error, 'remove the model', path);
      });
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
export class StagedBundle {
  readonly folder: string;
  readonly #digest: string;
  readonly #target: string;

  constructor(digest: string, folder: string, target: string) {
    this.#digest = digest;
    this.folder = folder;
    this.#target = target;
  }

  /** Where a file of the bundle goes; its folder is made. */
  async pathOf(path: string): Promise<string> {
    const full = join(this.folder, path);
    await mkdir(join(full, '..'), { recursive: true });
    return full;
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

  /** Verifies every byte and gives the folder its name. Throws, and keeps the folder, where something is missing. */
  async commit(): Promise<Bundle> {
    const bundle = await readBundle(this.folder, 'digests');
    if (bundle.digest !== this.#digest) {
      throw new InputError(
        'bundle-digest',
        `The manifest that came has the digest ${bundle.digest}; ${this.#digest} was asked for.`,
        'The place that it came from serves another bundle; correct its address.',
      );
    }
    await syncBundleFolders(this.folder, bundle.manifest);
    await renameSynced(this.folder, this.#target).catch(async (error: unknown) => {
      // Somebody else was faster with the same bytes.
      if (systemCode(error) !== 'ENOTEMPTY' && systemCode(error) !== 'EEXIST') {
        throw explainFileError(error, 'store the bundle', this.#target);
      }
      await this.discard();
    });
    return { ...bundle, location: this.#target };
  }

  async discard(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}
