import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { codeOf, explainFileError } from './errors.ts';

export interface DigestedFile {
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
}

export function digestOf(bytes: Uint8Array | string): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** sha256 and size of a file, read in pieces. */
export async function digestFile(path: string): Promise<DigestedFile> {
  const hash = createHash('sha256');
  let size = 0;
  await pipeline(
    createReadStream(path, { highWaterMark: 1 << 18 }),
    async (chunks: AsyncIterable<Buffer>) => {
      for await (const chunk of chunks) {
        hash.update(chunk);
        size += chunk.length;
      }
    },
  );
  return { digest: `sha256:${hash.digest('hex')}`, size };
}

/** A name beside `path` that nobody else uses; what is left over after a crash is known by `.partial-`. */
export function partialName(path: string): string {
  return `${path}.partial-${randomBytes(6).toString('hex')}`;
}

/** Writes all or nothing: after a power cut the file is the old one or the new one. Makes the folder. */
export async function writeFileAtomic(path: string, bytes: Uint8Array | string): Promise<void> {
  const partial = partialName(path);
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeSynced(partial, bytes);
    await rename(partial, path);
    await syncFolder(dirname(path));
  } catch (error) {
    // What went wrong with the write is told, not what went wrong with tidying up after it.
    await rm(partial, { force: true }).catch(() => {});
    throw explainFileError(error, 'write the file', path);
  }
}

export async function writeSynced(path: string, bytes: Uint8Array | string): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A rename is on the disk only when its folder is. Some file systems can't sync a folder; they are let off. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } catch (error) {
    if (codeOf(error) !== 'EINVAL' && codeOf(error) !== 'EISDIR') throw error;
  } finally {
    await folder.close();
  }
}
