import { statfs } from 'node:fs/promises';
import { LimitError } from '../../base/index.ts';

const gib = 1024 ** 3;
const checkedEvery = 1024 * 1024;

/**
 * Bundles must not take the last room of a disk: the database lies on it too, and without room nothing of the devices can
 * be taken. A tenth of the disk is kept free, 1 GiB at most.
 */
export class DiskReserve {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** LimitError `artifact-disk-full` where so many bytes more would leave too little. */
  async expectRoom(bytes: number): Promise<void> {
    const { bavail, blocks, bsize } = await statfs(this.#folder);
    const reserve = Math.min(gib, (blocks * bsize) / 10);
    if (bavail * bsize - bytes >= reserve) return;
    throw new LimitError(
      'artifact-disk-full',
      `The disk that holds ${this.#folder} has ${Math.floor((bavail * bsize) / 1e6)} MB free, and ${Math.ceil(reserve / 1e6)} MB are kept for the database.`,
      'Free space or delete models that no device uses.',
    );
  }

  /** The same bytes, as long as there is room for them. */
  async *watched(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    let unchecked = checkedEvery;
    for await (const chunk of bytes) {
      unchecked += chunk.byteLength;
      if (unchecked >= checkedEvery) {
        await this.expectRoom(chunk.byteLength);
        unchecked = 0;
      }
      yield chunk;
    }
  }
}
