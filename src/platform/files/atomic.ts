import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { defined, type GoshawkError } from '../../base/index.ts';
import { explainFileError, systemCode } from './file-error.ts';

/*
 * Files that are whole or not there. Bytes go into a file of another name and are synced; then it gets its name, and the
 * folder that holds the name is synced. A crash or a power cut at any point leaves the old file or the new one; what lies
 * under the other name is left over, and known by its `.partial-`.
 */

export interface AtomicWriteOptions {
  /** Who may read and write the new file; default 0o666 less the process's umask. */
  readonly mode?: number;
  /** The same for folders that are made. */
  readonly folderMode?: number;
  /** Where the bytes lie until they are whole, on the same file system; default: beside the file. */
  readonly partial?: string;
  /** What a failure is called; default `explainFileError`. */
  readonly explain?: (error: unknown) => GoshawkError;
}

/**
 * Writes all or nothing, and resolves when it would survive a power cut. Makes the folder. Bytes that end with an error
 * leave the file as it was.
 */
export async function writeFileAtomic(
  path: string,
  bytes: Uint8Array | string | AsyncIterable<Uint8Array>,
  options: AtomicWriteOptions = {},
): Promise<void> {
  const { mode, folderMode, partial = partialName(path) } = options;
  try {
    await makeFolder(dirname(partial), folderMode);
    await makeFolder(dirname(path), folderMode);
    await writeSynced(partial, bytes, mode);
    await renameSynced(partial, path);
  } catch (error) {
    // What went wrong with the write is told, not what went wrong with tidying up after it.
    await rm(partial, { force: true }).catch(() => {});
    throw options.explain?.(error) ?? explainFileError(error, 'write the file', path);
  }
}

/** A new file, written and synced under its own name; for a folder that is renamed as a whole. */
export async function writeSynced(
  path: string,
  bytes: Uint8Array | string | AsyncIterable<Uint8Array>,
  mode?: number,
): Promise<void> {
  const file = await open(path, 'wx', mode);
  try {
    if (typeof bytes === 'string' || bytes instanceof Uint8Array) await file.writeFile(bytes);
    else for await (const chunk of bytes) await file.writeFile(chunk);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Syncs a file that somebody else has written. */
export async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r+');
  await file.sync().finally(() => file.close());
}

/** Gives a synced file or folder its name, in the place of the file that has it. */
export async function renameSynced(from: string, to: string): Promise<void> {
  await rename(from, to);
  await syncFolder(dirname(to));
}

/**
 * A new name is on the disk only when its folder is. Some file systems can't sync a folder, and one that may not be read
 * can't be opened; they are let off.
 */
export async function syncFolder(path: string): Promise<void> {
  try {
    const folder = await open(path, 'r');
    await folder.sync().finally(() => folder.close());
  } catch (error) {
    if (!cannotSync.has(systemCode(error) ?? '')) throw error;
  }
}

const cannotSync = new Set(['EINVAL', 'EISDIR', 'EACCES', 'EPERM']);

/** Makes a folder and those above it, each of them on the disk. */
export async function makeFolder(path: string, mode?: number): Promise<void> {
  const first = await mkdir(path, { recursive: true, ...defined({ mode }) });
  if (first === undefined) return;
  const top = dirname(resolve(first));
  for (let folder = resolve(path); folder !== top; ) {
    folder = dirname(folder);
    await syncFolder(folder);
  }
}

/** A name beside `path` that nobody else uses. */
export function partialName(path: string): string {
  return `${path}${partialMark}${randomBytes(6).toString('hex')}`;
}

/** Whether a write left this file behind. */
export function isPartialName(name: string): boolean {
  return name.includes(partialMark);
}

const partialMark = '.partial-';

/** Removes what ended writes of this file left behind; for the only one who writes it, before he does. */
export async function removePartials(path: string): Promise<void> {
  const folder = dirname(path);
  const names = await readdir(folder).catch(() => []);
  for (const name of names)
    if (name.startsWith(`${basename(path)}${partialMark}`)) await rm(join(folder, name), { force: true });
}
