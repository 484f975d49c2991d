import { mkdir, statfs } from 'node:fs/promises';
import { LimitError } from '../../base/index.ts';

const gib = 1024 ** 3;
const checkedEvery = 1024 * 1024;

export interface ReserveWords {
  /** Of the error. */
  readonly code: string;
  /** What the room is kept for. */
  readonly keptFor: string;
  readonly remedy: string;
}

/**
 * Models must not take the last room of a disk: what has to be written all the time lies on it too. A tenth of the disk is kept
 * free, 1 GiB at most.
 */
export class DiskReserve {
  readonly #folder: string;
  readonly #words: ReserveWords;

  constructor(folder: string, words: ReserveWords) {
    this.#folder = folder;
    this.#words = words;
  }

  /** LimitError where so many bytes more would leave too little. */
  async expectRoom(bytes: number): Promise<void> {
    await mkdir(this.#folder, { recursive: true }).catch(() => undefined);
    const { bavail, blocks, bsize } = await statfs(this.#folder);
    const reserve = Math.min(gib, (blocks * bsize) / 10);
    if (bavail * bsize - bytes >= reserve) return;
    const { code, keptFor, remedy } = this.#words;
    const mb = (of: number) => Math.ceil(of / 1e6);
    const wanted = bytes > 1e6 ? `, ${mb(bytes)} MB are wanted` : '';
    throw new LimitError(
      code,
      `The disk that holds ${this.#folder} has ${Math.floor((bavail * bsize) / 1e6)} MB free${wanted}, and ${mb(reserve)} MB are kept for ${keptFor}.`,
      remedy,
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
