import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { examineDatabase, holdDatabase } from '../../../adapters/sqlite/index.ts';
import { type Clock, defined, GoshawkError, RefusedError } from '../../../base/index.ts';
import { digestFile, explainFileError, makeFolder } from '../../../platform/index.ts';
import type { ControllerSettings } from '../../settings/controller.ts';
import { copyFile, syncFolders } from './copy.ts';
import { damaged, databaseName, type Manifest, readManifest, topEntries } from './manifest.ts';
import { finishHeld, occupants, replaceFiles, stagingFolder } from './replace.ts';

export interface RestoreResult {
  readonly files: number;
  readonly bytes: number;
  readonly createdMs: number;
  /** Where the files are that were there before. */
  readonly former?: string;
  /** What the backup does not hold. */
  readonly without: readonly string[];
}

/**
 * Puts a backup in the place of the data folder's content. Everything is checked before anything is replaced, the old
 * files stay in a folder beside the new ones, and a power cut leaves one of the two.
 */
export async function restoreController(
  { dataDir }: Pick<ControllerSettings, 'dataDir'>,
  from: string,
  replace: boolean,
  clock: Pick<Clock, 'wallMs'>,
): Promise<RestoreResult> {
  const manifest = await readManifest(from);
  await checkFiles(from, manifest);
  if (manifest.schema !== undefined) examineDatabase(join(from, databaseName));
  await makeFolder(dataDir, 0o700);
  const release = holdDatabase(join(dataDir, databaseName));
  try {
    await finishHeld(dataDir);
    await refuseOverwriting(dataDir, replace);
    await stage(dataDir, from, manifest);
    const former = await replaceFiles(dataDir, topEntries(manifest), clock.wallMs());
    const bytes = manifest.files.reduce((sum, one) => sum + one.bytes, 0);
    const { createdMs, without } = manifest;
    return { files: manifest.files.length, bytes, createdMs, without, ...defined({ former }) };
  } finally {
    release();
  }
}

/** Reads every file of the backup and compares it with what was written. */
async function checkFiles(from: string, { files }: Manifest): Promise<void> {
  for (const { path, bytes, digest } of files) {
    const found = await digestFile(join(from, path)).catch((error: unknown) => {
      throw explainFileError(error, 'read the backup', join(from, path));
    });
    if (found.size !== bytes) throw damaged(join(from, path), `it has ${found.size} bytes, not ${bytes}`);
    if (found.digest !== digest) throw damaged(join(from, path), 'its digest is another');
  }
}

async function refuseOverwriting(dataDir: string, replace: boolean): Promise<void> {
  if (replace || (await occupants(dataDir)).length === 0) return;
  throw new RefusedError(
    'restore-occupied',
    `${resolve(dataDir)} holds a controller already.`,
    'Give --replace to put the backup in its place; the current data is kept in a folder beside it.',
  );
}

async function stage(dataDir: string, from: string, { files }: Manifest): Promise<void> {
  const folder = stagingFolder(dataDir);
  try {
    for (const { path, mode, digest } of files) {
      const copied = await copyFile(join(from, path), join(folder, path), mode);
      if (copied.digest !== digest) throw damaged(join(from, path), 'its digest is another');
    }
    await syncFolders(folder, files);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error instanceof GoshawkError ? error : explainFileError(error, 'write', folder);
  }
}
