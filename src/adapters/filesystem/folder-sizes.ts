import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

const readEveryMs = 600_000;
/** More files than this in one folder are not counted: it is a sum for a price and no inventory. */
const mostFiles = 50_000;

/** Bytes of files below folders, walked in the background from time to time. */
export class FolderSizes {
  readonly #root: string;
  readonly #folders: readonly string[];
  #sizes: Readonly<Record<string, number>> = {};
  #readMs = Number.NEGATIVE_INFINITY;
  #reading = false;

  constructor(root: string, folders: readonly string[]) {
    this.#root = root;
    this.#folders = folders;
  }

  /** As they were a while ago; folders that are not there are left out. `nowMs`: monotonic. */
  read(nowMs: number): Readonly<Record<string, number>> {
    if (!this.#reading && nowMs - this.#readMs >= readEveryMs) {
      this.#readMs = nowMs;
      void this.#walk();
    }
    return this.#sizes;
  }

  async #walk(): Promise<void> {
    this.#reading = true;
    const sizes: Record<string, number> = {};
    for (const folder of this.#folders) {
      const bytes = await bytesBelow(join(this.#root, folder));
      if (bytes !== undefined) sizes[folder] = bytes;
    }
    this.#sizes = sizes;
    this.#reading = false;
  }
}

/** Undefined for a folder that is not there or can't be read. */
async function bytesBelow(folder: string): Promise<number | undefined> {
  let bytes = 0;
  let files = 0;
  try {
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || files++ >= mostFiles) continue;
      // One that goes meanwhile has no size.
      bytes += await stat(join(entry.parentPath, entry.name)).then(
        ({ size }) => size,
        () => 0,
      );
    }
  } catch {
    return undefined;
  }
  return bytes;
}
