import { createReadStream } from 'node:fs';
import { readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  type BlobInfo,
  type BlobStore,
  type ByteRange,
  blobUnknown,
  type StagedBlob,
} from '../../controller/index.ts';
import { isDigest } from '../../model/index.ts';
import { digestFile, makeFolder, syncFolder } from '../../platform/index.ts';
import { explainArtifactError } from './explain.ts';

/**
 * Blobs below one folder: `sha256/<first two digits>/<64 digits>`.
 *
 * INVARIANT. A blob has its name only when it is whole, right and on the disk: it comes measured and synced, and is renamed.
 */
export class BlobFolder implements BlobStore {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  async stat(digest: string): Promise<BlobInfo | undefined> {
    if (!isDigest(digest)) return undefined;
    return stat(this.#file(digest)).then(
      ({ size, mtimeMs }) => ({ digest, size, modifiedMs: mtimeMs }),
      () => undefined,
    );
  }

  async verify(digest: string): Promise<BlobInfo | undefined> {
    const before = await this.stat(digest);
    if (before === undefined) return undefined;
    const read = await digestFile(this.#file(digest)).catch(() => undefined);
    if (read?.digest === digest) return before;
    const now = await this.stat(digest);
    // One that took its place meanwhile was measured as it came.
    if (now?.modifiedMs !== before.modifiedMs) return now;
    await this.delete(digest);
    return undefined;
  }

  async read(digest: string, range?: ByteRange): Promise<AsyncIterable<Uint8Array>> {
    if ((await this.stat(digest)) === undefined) throw blobUnknown(digest);
    return createReadStream(
      this.#file(digest),
      range === undefined ? {} : { start: range.from, end: range.to },
    );
  }

  /** Over one that is there: what came now was measured now. */
  async take({ digest, file }: StagedBlob): Promise<void> {
    const target = this.#file(digest);
    try {
      await makeFolder(dirname(target));
      await rename(file, target);
      await syncFolder(dirname(target));
      await syncFolder(dirname(file));
    } catch (error) {
      throw explainArtifactError(error, this.#root);
    }
  }

  async delete(digest: string): Promise<void> {
    if (isDigest(digest)) await rm(this.#file(digest), { force: true });
  }

  async *list(): AsyncGenerator<BlobInfo> {
    const root = join(this.#root, 'sha256');
    for (const part of await readdir(root).catch(() => []))
      for (const hex of await readdir(join(root, part)).catch(() => [])) {
        const found = await this.stat(`sha256:${hex}`);
        if (found !== undefined) yield found;
      }
  }

  #file(digest: string): string {
    const hex = digest.slice('sha256:'.length);
    return join(this.#root, 'sha256', hex.slice(0, 2), hex);
  }
}
