import { SystemClock } from '../../../adapters/system/index.ts';
import { ControllerSettings } from '../../settings/controller.ts';
import { readSettings } from '../../settings/read.ts';
import { type BackupResult, backupController } from './backup.ts';
import { type RestoreResult, restoreController } from './restore.ts';

/** `goshawk controller backup`. */
export async function runBackup(configFile: string, to: string): Promise<BackupResult> {
  return backupController(await readSettings(ControllerSettings, configFile), to, new SystemClock());
}

/** `goshawk controller restore`. */
export async function runRestore(configFile: string, from: string, replace: boolean): Promise<RestoreResult> {
  const settings = await readSettings(ControllerSettings, configFile);
  return restoreController(settings, from, replace, new SystemClock());
}
