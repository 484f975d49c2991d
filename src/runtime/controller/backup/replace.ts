import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { holdDatabase } from '../../../adapters/sqlite/index.ts';
import { removePartials, syncFolder, writeFileAtomic } from '../../../platform/index.ts';
import { databaseName } from './manifest.ts';

/*
 * A restore puts the new files beside the old ones, decides by one small file, and then only renames. A power cut before
 * the decision leaves the old controller, one after it the new: the next start of the controller ends what was begun.
 *
 *   <dataDir>/.restore/new/       what comes
 *   <dataDir>/.restore/old/       what was there
 *   <dataDir>/.restore/decided    the decision: which names go, which come, and what the old ones are called then
 */
const work = '.restore';
const formerPrefix = 'before-restore-';

interface Decision {
  readonly old: readonly string[];
  readonly new: readonly string[];
  /** The folder that the old files are in at the end. */
  readonly former: string;
}

/** What belongs to restores and to no controller. */
export function isOfRestore(name: string): boolean {
  return name === work || name.startsWith(`${work}/`) || name.startsWith(formerPrefix);
}

/** Where the new files are put. */
export function stagingFolder(dataDir: string): string {
  return join(dataDir, work, 'new');
}

/** Names in the data folder that a restore replaces. */
export async function occupants(dataDir: string): Promise<string[]> {
  const names = await readdir(dataDir).catch(() => []);
  return names.filter((name) => !name.startsWith(`${databaseName}.lock`) && !isOfRestore(name));
}

/** Puts the new files in the place of the old ones; gives the folder that the old ones are in, if there were any. */
export async function replaceFiles(
  dataDir: string,
  names: readonly string[],
  nowMs: number,
): Promise<string | undefined> {
  const old = await occupants(dataDir);
  const former = `${formerPrefix}${new Date(nowMs).toISOString().replaceAll(/[:.]/g, '-')}`;
  const decision: Decision = { old, new: names, former };
  await writeFileAtomic(join(dataDir, work, 'decided'), JSON.stringify(decision), { mode: 0o600 });
  await carryOut(dataDir, decision);
  return old.length === 0 ? undefined : join(dataDir, former);
}

/**
 * Before a controller or a restore uses the folder: ends a restore that was decided, and drops one that was not. True
 * where one was ended. RefusedError `database-locked` while a restore is under way.
 */
export async function finishRestore(dataDir: string): Promise<boolean> {
  if (!existsSync(join(dataDir, work))) return false;
  const release = holdDatabase(join(dataDir, databaseName));
  try {
    return await finishHeld(dataDir);
  } finally {
    release();
  }
}

/** The same by who holds the database. */
export async function finishHeld(dataDir: string): Promise<boolean> {
  const decided = join(dataDir, work, 'decided');
  await removePartials(decided);
  if (existsSync(decided)) {
    await carryOut(dataDir, JSON.parse(await readFile(decided, 'utf8')) as Decision);
    return true;
  }
  await rm(join(dataDir, work), { recursive: true, force: true });
  return false;
}

/** May be done again from any point: each rename is left out where it was made already. */
async function carryOut(dataDir: string, decision: Decision): Promise<void> {
  const folder = join(dataDir, work);
  const old = join(folder, 'old');
  const former = join(dataDir, decision.former);
  // Once they have their last name, what is in the data folder is new.
  if (!existsSync(former)) {
    await mkdir(old, { recursive: true, mode: 0o700 });
    for (const name of decision.old)
      if (!existsSync(join(old, name)) && existsSync(join(dataDir, name)))
        await rename(join(dataDir, name), join(old, name));
    await syncFolder(old);
    await syncFolder(dataDir);
  }
  for (const name of decision.new)
    if (existsSync(join(folder, 'new', name))) await rename(join(folder, 'new', name), join(dataDir, name));
  await syncFolder(dataDir);
  if (decision.old.length > 0 && !existsSync(former)) await rename(old, former);
  await syncFolder(dataDir);
  await rm(join(folder, 'decided'), { force: true });
  await syncFolder(folder);
  await rm(folder, { recursive: true, force: true });
}
