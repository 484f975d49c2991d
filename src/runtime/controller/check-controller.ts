import { type CheckedDatabase, checkDatabase } from '../../adapters/postgres/index.ts';
import { defined } from '../../base/index.ts';
import { checkSettingsFile } from '../settings/check-file.ts';
import { ControllerSettings } from '../settings/controller.ts';
import { readSettings } from '../settings/read.ts';
import { databaseAddress } from './database.ts';

export interface ControllerCheck {
  /** What is no mistake and still worth a word. */
  readonly notes: readonly string[];
  /** Absent: SQLite in the data folder, which is tried at the start. */
  readonly database?: CheckedDatabase;
}

/** `goshawk controller --check`. Throws for mistakes of the settings, and for a PostgreSQL that can't be used. */
export async function checkController(path: string | undefined): Promise<ControllerCheck> {
  const notes = await checkSettingsFile(ControllerSettings, path);
  const { database } = await readSettings(ControllerSettings, path);
  const checked = database && (await checkDatabase(await databaseAddress(database)));
  return { notes, ...defined({ database: checked }) };
}
