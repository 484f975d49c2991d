import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { copyDatabase, examineDatabase } from '../../../adapters/sqlite/index.ts';
import { type Clock, defined, GoshawkError, MissingError, RefusedError } from '../../../base/index.ts';
import {
  digestFile,
  explainFileError,
  makeFolder,
  partialName,
  renameSynced,
  syncFile,
  systemCode,
  writeSynced,
} from '../../../platform/index.ts';
import type { ControllerSettings } from '../../settings/controller.ts';
import { goshawkVersion } from '../../version.ts';
import { copyFile, filesBelow, syncFolders } from './copy.ts';
import { databaseName, type Manifest, type ManifestFile, manifestName, manifestOf } from './manifest.ts';
import { isOfRestore } from './replace.ts';

export interface BackupResult {
  readonly folder: string;
  readonly files: number;
  readonly bytes: number;
  readonly devices?: number;
  readonly without: readonly string[];
}

/**
 * Copies what a restore of the controller needs into a new folder, while the controller runs. The database comes first:
 * bundles that arrive meanwhile are too many, not missing. The folder gets its name when everything in it was read again
 * and is on the disk.
 */
export async function backupController(
  settings: ControllerSettings,
  to: string,
  clock: Pick<Clock, 'wallMs'>,
): Promise<BackupResult> {
  const { dataDir } = settings;
  const database = join(dataDir, databaseName);
  if (settings.database === undefined && !existsSync(database))
    throw new MissingError(
      'database-missing',
      `There is no database ${database}.`,
      'Check dataDir in the settings; the first start of the controller makes it.',
    );
  if (existsSync(to))
    throw new RefusedError('backup-exists', `${to} exists.`, 'Name a folder that does not exist yet.');
  const partial = partialName(resolve(to));
  try {
    await makeFolder(dirname(resolve(to)));
    await mkdir(partial, { mode: 0o700 });
    const copied = settings.database === undefined ? await databaseInto(partial, database) : undefined;
    const files = [...(copied === undefined ? [] : [copied.file]), ...(await filesInto(partial, dataDir))];
    const without = withoutOf(settings);
    const manifest: Omit<Manifest, 'format'> = {
      goshawk: goshawkVersion(),
      createdMs: clock.wallMs(),
      ...defined({ schema: copied?.examined.schema }),
      files,
      without,
    };
    await writeSynced(join(partial, manifestName), manifestOf(manifest), 0o600);
    await syncFolders(partial, files);
    await renameSynced(partial, resolve(to));
    const bytes = files.reduce((sum, one) => sum + one.bytes, 0);
    const devices = copied?.examined.devices;
    return { folder: to, files: files.length, bytes, without, ...defined({ devices }) };
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw error instanceof GoshawkError ? error : explainFileError(error, 'write the backup', to);
  }
}

async function databaseInto(partial: string, database: string) {
  const copy = join(partial, databaseName);
  copyDatabase(database, copy);
  await syncFile(copy);
  const examined = examineDatabase(copy);
  const { digest, size } = await digestFile(copy);
  const file: ManifestFile = { path: databaseName, bytes: size, digest, mode: 0o600 };
  return { file, examined };
}

async function filesInto(partial: string, dataDir: string): Promise<ManifestFile[]> {
  const files: ManifestFile[] = [];
  for (const { path, mode } of await filesBelow(dataDir, leftOut))
    try {
      files.push({ path, ...(await copyFile(join(dataDir, path), join(partial, path), mode)) });
    } catch (error) {
      // It went while the folder was read: a token that somebody took, a blob that nothing needs any more.
      if (systemCode(error) !== 'ENOENT' || existsSync(join(dataDir, path))) throw error;
      await rm(join(partial, path), { force: true });
    }
  return files;
}

/** The database is copied by itself; an upload that was not finished is begun anew. */
function leftOut(path: string): boolean {
  return (
    path === databaseName ||
    path.startsWith(`${databaseName}-`) ||
    path.startsWith(`${databaseName}.lock`) ||
    path === 'artifacts/uploads' ||
    path === manifestName ||
    isOfRestore(path)
  );
}

/** In words for whoever keeps the backup. */
function withoutOf(settings: ControllerSettings): string[] {
  const { registry, devices, database } = settings;
  const named = ['the settings file, and the files that it names: passwords, certificates and their keys'];
  if (database !== undefined)
    named.push(`the database in PostgreSQL: pg_dump --schema=goshawk --format=custom ${database.url}`);
  if (registry.s3 !== undefined)
    named.push(`the model bundles in the bucket ${registry.s3.bucket} at ${registry.s3.endpoint}`);
  if (devices?.authorityDir !== undefined)
    named.push(`the certificate authority in ${devices.authorityDir} (devices.authorityDir)`);
  if (devices?.outside !== undefined) named.push(`the certificate authority at ${devices.outside.url}`);
  return named;
}
