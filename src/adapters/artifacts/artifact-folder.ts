import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { GoshawkError, InputError, LimitError } from '../../base/index.ts';
import type { Artifacts, StoredBundle } from '../../controller/index.ts';
import type { BundleFile } from '../../model/index.ts';
import { Digester, digestOf, isDiskFull, writeFileAtomic } from '../../platform/index.ts';
import { DiskReserve } from './disk-reserve.ts';

const hexName = /^[0-9a-f]{64}$/;

/**
 * Bundles below one folder: `<hex>/manifest.json`, `<hex>/files/<path>`, and `<hex>/received.json` with what was
 * measured when each file came, so that a start does not have to read gigabytes again.
 *
 * INVARIANT. A file has its name only when it is whole, right and on the disk: it is written beside, synced, renamed.
 */
export class ArtifactFolder implements Artifacts {
  readonly #root: string;
  readonly #reserve: DiskReserve;
  #notes: Promise<unknown> = Promise.resolve();

  constructor(root: string) {
    this.#root = root;
    this.#reserve = new DiskReserve(root);
  }

  /** Where a file lies, as folder and path within it; for serving. */
  locate(digest: string, path: string): { readonly root: string; readonly path: string } {
    const root = this.#folder(digest);
    return path === 'manifest.json' ? { root, path } : { root: join(root, 'files'), path };
  }

  async list(): Promise<readonly StoredBundle[]> {
    await mkdir(this.#root, { recursive: true });
    // What a crash left half written.
    await rm(join(this.#root, 'incoming'), { recursive: true, force: true });
    const names = (await readdir(this.#root)).filter((name) => hexName.test(name));
    return Promise.all(names.map((name) => this.#read(name)));
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
    const { root } = this.locate(digest, path);
    const digester = new Digester();
    await mkdir(this.#root, { recursive: true });
    await this.#reserve.expectRoom(limits.expected?.size ?? 0);
    const kept = this.#reserve.watched(checked(bytes, path, limits, digester));
    await this.#write(join(root, path), kept);
    const received = { path, size: digester.size, digest: digester.digest };
    // One after the other: two files of a bundle may come at the same time.
    const noted = this.#notes.then(() => this.#note(digest, received));
    this.#notes = noted.catch(() => undefined);
    await noted;
    return received;
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

  async #read(name: string): Promise<StoredBundle> {
    const folder = join(this.#root, name);
    const manifest = await readFile(join(folder, 'manifest.json')).catch(() => undefined);
    const { mtimeMs } = await stat(manifest === undefined ? folder : join(folder, 'manifest.json'));
    const received = await readReceived(join(folder, 'received.json'));
    const sizes = await Promise.all(
      received.map(({ path }) =>
        stat(join(folder, 'files', path)).then(
          ({ size }) => size,
          () => -1,
        ),
      ),
    );
    const digest = `sha256:${name}`;
    const damaged = manifest !== undefined && digestOf(manifest) !== digest;
    return {
      digest,
      ...(damaged ? { damaged } : {}),
      ...(manifest === undefined || damaged ? {} : { manifest: new Uint8Array(manifest) }),
      uploadedMs: mtimeMs,
      files: received.filter((file, index) => sizes[index] === file.size),
    };
  }

  #write(target: string, bytes: Uint8Array | string | AsyncIterable<Uint8Array>): Promise<void> {
    return writeFileAtomic(target, bytes, {
      partial: join(this.#root, 'incoming', randomUUID()),
      explain: (error) => explain(error, this.#root),
    });
  }
}

/** The same bytes; throws at the first that is too much, or at the end where they are not those that were expected. */
async function* checked(
  bytes: AsyncIterable<Uint8Array>,
  path: string,
  { maxBytes, expected }: { readonly maxBytes: number; readonly expected?: BundleFile },
  digester: Digester,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of bytes) {
    if (digester.add(chunk).size > maxBytes)
      throw new LimitError(
        'file-too-large',
        `The upload is larger than ${maxBytes} bytes.`,
        'Upload the file that the manifest describes.',
      );
    yield chunk;
  }
  const { size, digest } = digester;
  if (expected !== undefined && (size !== expected.size || digest !== expected.digest))
    throw mismatch(path, `${size} bytes with ${digest.replace(':', ' ')} came`);
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

function explain(error: unknown, root: string): GoshawkError {
  if (error instanceof GoshawkError) return error;
  if (isDiskFull(error))
    return new LimitError(
      'artifact-disk-full',
      `The disk that holds ${root} is full.`,
      'Free space or delete models that no device uses.',
      { cause: error },
    );
  return new GoshawkError(
    'artifact-io',
    `A file below ${root} could not be written: ${error instanceof Error ? error.message : String(error)}.`,
    'Check the folder and the rights of the user that runs the controller. A broken connection ends here too; upload again.',
    { cause: error },
  );
}
