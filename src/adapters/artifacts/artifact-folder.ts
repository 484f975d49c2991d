import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '../../base/index.ts';
import type {
  Artifacts,
  BlobStore,
  FileRange,
  RepositoryStore,
  StagedBlob,
  StoredBundle,
  UploadStage,
} from '../../controller/index.ts';
import type { BundleFile } from '../../model/index.ts';
import { digestOf, writeFileAtomic } from '../../platform/index.ts';
import { BlobFolder } from './blob-folder.ts';
import { DiskReserve } from './disk-reserve.ts';
import { explainArtifactError } from './explain.ts';
import { RepositoryFolder } from './repository-folder.ts';
import { UploadFolder } from './upload-folder.ts';

const hexName = /^[0-9a-f]{64}$/;

/**
 * What the controller holds of bundles, below one folder: of each bundle `<hex>/manifest.json` and `<hex>/received.json`, with
 * what was measured when each file came; the bytes of all files by their digest in `blobs`.
 *
 * INVARIANT. A file has its name only when it is whole, right and on the disk: it is written beside, synced, renamed.
 */
export class ArtifactFolder implements Artifacts {
  readonly blobs: BlobStore;
  readonly uploads: UploadStage;
  readonly repositories: RepositoryStore;
  readonly #root: string;
  readonly #reserve: DiskReserve;
  #notes: Promise<unknown> = Promise.resolve();

  /** `blobs`: where bytes lie, when not in this folder. */
  constructor(root: string, blobs: BlobStore = new BlobFolder(join(root, 'blobs'))) {
    this.#root = root;
    this.blobs = blobs;
    this.uploads = new UploadFolder(join(root, 'uploads'));
    this.repositories = new RepositoryFolder(join(root, 'repositories'));
    this.#reserve = new DiskReserve(root);
  }

  async list(): Promise<readonly StoredBundle[]> {
    await mkdir(this.#root, { recursive: true });
    // What a crash left half written.
    await rm(join(this.#root, 'incoming'), { recursive: true, force: true });
    const names = (await readdir(this.#root)).filter((name) => hexName.test(name));
    const held = new Map<string, number>();
    for await (const { digest, size } of this.blobs.list()) held.set(digest, size);
    return Promise.all(names.map((name) => this.#read(name, held)));
  }

  async putManifest(digest: string, bytes: Uint8Array): Promise<void> {
    const found = digestOf(bytes);
    if (found !== digest) throw mismatch('manifest.json', `its sha256 is ${found}, not ${digest}`);
    await this.#write(join(this.#folder(digest), 'manifest.json'), bytes);
  }

  async putFile(
    digest: string,
    path: string,
    bytes: AsyncIterable<Uint8Array>,
    limits: { readonly maxBytes: number; readonly expected?: BundleFile },
  ): Promise<BundleFile> {
    await mkdir(this.#root, { recursive: true });
    await this.#reserve.expectRoom(limits.expected?.size ?? 0);
    const staged = await this.#stage(path, bytes, limits);
    await this.blobs.take(staged);
    const received = { path, size: staged.size, digest: staged.digest };
    // One after the other: two files of a bundle may come at the same time.
    const noted = this.#notes.then(() => this.#note(digest, received));
    this.#notes = noted.catch(() => undefined);
    await noted;
    return received;
  }

  async adopt(digest: string, manifest: Uint8Array, files: readonly BundleFile[]): Promise<void> {
    const received = files.map(({ path, size, digest: of }) => ({ path, size, digest: of }));
    await this.#write(join(this.#folder(digest), 'received.json'), JSON.stringify(received));
    await this.putManifest(digest, manifest);
  }

  async read(digest: string, file: BundleFile, range?: FileRange): Promise<AsyncIterable<Uint8Array>> {
    if (file.path !== 'manifest.json') return this.blobs.read(file.digest, range);
    const path = join(this.#folder(digest), file.path);
    return createReadStream(path, range === undefined ? {} : { start: range.from, end: range.to });
  }

  async #stage(
    path: string,
    bytes: AsyncIterable<Uint8Array>,
    { maxBytes, expected }: { readonly maxBytes: number; readonly expected?: BundleFile },
  ): Promise<StagedBlob> {
    const id = randomUUID();
    await this.uploads.begin(id);
    try {
      await this.uploads.append(id, bytes, maxBytes);
      const staged = await this.uploads.finish(id);
      if (expected !== undefined && (staged.size !== expected.size || staged.digest !== expected.digest))
        throw mismatch(path, `${staged.size} bytes with ${staged.digest.replace(':', ' ')} came`);
      return staged;
    } catch (error) {
      await this.uploads.cancel(id).catch(() => undefined);
      throw error;
    }
  }

  async #note(digest: string, received: BundleFile): Promise<void> {
    const list = join(this.#folder(digest), 'received.json');
    const before = await readReceived(list);
    const after = JSON.stringify([...before.filter((other) => other.path !== received.path), received]);
    await this.#write(list, after);
  }

  async delete(digest: string): Promise<void> {
    await rm(this.#folder(digest), { recursive: true, force: true });
  }

  #folder(digest: string): string {
    const hex = digest.replace(/^sha256:/, '');
    if (!hexName.test(hex))
      throw new InputError(
        'digest-form',
        'A digest is sha256: and 64 hex digits.',
        'Copy it from goshawk model.',
      );
    return join(this.#root, hex);
  }

  async #read(name: string, held: ReadonlyMap<string, number>): Promise<StoredBundle> {
    const folder = join(this.#root, name);
    const manifest = await readFile(join(folder, 'manifest.json')).catch(() => undefined);
    const { mtimeMs } = await stat(manifest === undefined ? folder : join(folder, 'manifest.json'));
    const received = await readReceived(join(folder, 'received.json'));
    const digest = `sha256:${name}`;
    const damaged = manifest !== undefined && digestOf(manifest) !== digest;
    return {
      digest,
      ...(damaged ? { damaged } : {}),
      ...(manifest === undefined || damaged ? {} : { manifest: new Uint8Array(manifest) }),
      uploadedMs: mtimeMs,
      files: received.filter((file) => held.get(file.digest) === file.size),
    };
  }

  #write(target: string, bytes: Uint8Array | string | AsyncIterable<Uint8Array>): Promise<void> {
    return writeFileAtomic(target, bytes, {
      partial: join(this.#root, 'incoming', randomUUID()),
      explain: (error) => explainArtifactError(error, this.#root),
    });
  }
}

async function readReceived(file: string): Promise<BundleFile[]> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as BundleFile[];
  } catch {
    // Not there yet, or damaged: the files are uploaded again then.
    return [];
  }
}

function mismatch(path: string, what: string): InputError {
  return new InputError(
    'digest-mismatch',
    `${path} is not what its digest says: ${what}.`,
    'Upload the file again; if it stays so, the bundle was changed after it was made.',
  );
}
