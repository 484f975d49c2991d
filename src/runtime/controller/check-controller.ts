import { type CheckedDatabase, checkDatabase } from '../../adapters/postgres/index.ts';
import { SystemClock } from '../../adapters/system/index.ts';
import { defined } from '../../base/index.ts';
import { checkSettingsFile } from '../settings/check-file.ts';
import { ControllerSettings } from '../settings/controller.ts';
import { readSettings } from '../settings/read.ts';
import { openS3 } from './artifacts.ts';
import { databaseAddress } from './database.ts';

export interface ControllerCheck {
  /** What is no mistake and still worth a word. */
  readonly notes: readonly string[];
  /** Absent: SQLite in the data folder, which is tried at the start. */
  readonly database?: CheckedDatabase;
  /** Bucket and address of the store of models; absent: the data folder. */
  readonly store?: string;
}

/** `goshawk controller --check`. Throws for mistakes of the settings, and for a PostgreSQL or a store of models that can't be used. */
export async function checkController(path: string | undefined): Promise<ControllerCheck> {
  const notes = await checkSettingsFile(ControllerSettings, path);
  const { database, registry } = await readSettings(ControllerSettings, path);
  const checked = database && (await checkDatabase(await databaseAddress(database)));
  const { s3 } = registry;
  if (s3 !== undefined) await (await openS3(s3, new SystemClock(), 1)).tryOnce();
  return { notes, ...defined({ database: checked, store: s3 && `${s3.bucket} at ${s3.endpoint}` }) };
}
