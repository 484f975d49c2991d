import { readFile } from 'node:fs/promises';
import { SystemClock } from '../../adapters/system/index.ts';
import { asGoshawkError, defined, silentLog } from '../../base/index.ts';
import { parseRepositoryFile, type RepositoryFile } from '../../trust/index.ts';
import { type Rehearsed, type RehearseOptions, rehearse } from './rehearse.ts';

export interface RehearsalProgram extends Omit<RehearseOptions, 'like'> {
  /** What `goshawk keys init` and `keys sign` wrote. */
  readonly file: string | undefined;
}

/** The program `goshawk keys rehearse`. */
export async function rehearseRecoveries({
  file,
  ...options
}: RehearsalProgram): Promise<readonly Rehearsed[]> {
  const like = file === undefined ? undefined : await read(file);
  return rehearse({ ...options, ...defined({ like }) }, { clock: new SystemClock(), log: silentLog });
}

async function read(file: string): Promise<RepositoryFile> {
  try {
    return parseRepositoryFile(await readFile(file));
  } catch (error) {
    throw asGoshawkError(error, 'trust-form', 'Name what your owners sign: goshawk keys show FILE.');
  }
}
