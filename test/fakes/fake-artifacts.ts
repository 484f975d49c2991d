import { createHash } from 'node:crypto';
import { asGoshawkError, InputError, LimitError, MissingError } from '../../src/base/index.ts';
import type { Artifacts, FileRange, StoredBundle } from '../../src/controller/index.ts';

type Limits = Parameters<Artifacts['putFile']>[3];
type File = StoredBundle['files'][number];

interface Kept {
  manifest?: Uint8Array;
  readonly bytes: Map<string, Uint8Array>;
  readonly files: Map<string, File>;
}

/** The controller's bundles in memory; they survive a restart of the controller, as on a disk. */
export class FakeArtifacts implements Artifacts {
  readonly #bundles = new Map<string, Kept>();

  async list(): Promise<readonly StoredBundle[]> {
    return [...this.#bundles].map(([digest, { manifest, files }]) => ({
      digest,
      ...(manifest === undefined ? {} : { manifest }),
      uploadedMs: 1_790_000_000_000,
      files: [...files.values()],
    }));
  }

  async putManifest(digest: string, bytes: Uint8Array): Promise<void> {
    expectDigest(digest);
    if (digestOf([bytes]) !== digest) throw mismatch('manifest.json');
    this.#bundle(digest).manifest = bytes;
  }

  async putFile(
    digest: string,
    path: string,
    bytes: AsyncIterable<Uint8Array>,
    limits: Limits,
  ): Promise<File> {
    expectDigest(digest);
    const chunks = await collect(bytes, limits.maxBytes);
    const file = {
      path,
      size: chunks.reduce((sum, { length }) => sum + length, 0),
      digest: digestOf(chunks),
    };
    const { expected } = limits;
    if (expected !== undefined && (file.size !== expected.size || file.digest !== expected.digest))
      throw mismatch(path);
    this.#bundle(digest).files.set(path, file);
    this.#bundle(digest).bytes.set(path, Buffer.concat(chunks));
    return file;
  }

  async adopt(digest: string, manifest: Uint8Array, files: readonly File[]): Promise<void> {
    await this.putManifest(digest, manifest);
    for (const file of files) this.#bundle(digest).files.set(file.path, file);
  }

  async read(digest: string, { path }: File, range?: FileRange): Promise<AsyncIterable<Uint8Array>> {
    const { manifest, bytes } = this.#bundle(digest);
    const found = path === 'manifest.json' ? manifest : bytes.get(path);
    if (found === undefined) throw new MissingError('blob-unknown', 'It is not there.', 'Upload it.');
    return once(range === undefined ? found : found.subarray(range.from, range.to + 1));
  }

  async delete(digest: string): Promise<void> {
    expectDigest(digest);
    this.#bundles.delete(digest);
  }

  #bundle(digest: string): Kept {
    const found: Kept = this.#bundles.get(digest) ?? { files: new Map(), bytes: new Map() };
    this.#bundles.set(digest, found);
    return found;
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function collect(bytes: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of bytes) {
      size += chunk.length;
      if (size > maxBytes) throw new LimitError('file-too-large', 'It is too large.', 'Upload another.');
      chunks.push(chunk);
    }
  } catch (error) {
    throw asGoshawkError(error, 'artifact-io');
  }
  return chunks;
}

function digestOf(chunks: readonly Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const chunk of chunks) hash.update(chunk);
  return `sha256:${hash.digest('hex')}`;
}

function expectDigest(digest: string): void {
  if (!/^sha256:[0-9a-f]{64}$/.test(digest)) throw new InputError('digest-form', 'It is no digest.', '');
}

function mismatch(path: string): InputError {
  return new InputError('digest-mismatch', `${path} is not what its digest says.`, 'Upload it again.');
}
