import { mkdir } from 'node:fs/promises';
import { describeError, type Log } from '../../base/index.ts';

/** A disk that refuses costs what is kept on it, not the work: every part that writes there tells by itself. */
export async function makeDataFolder(folder: string, log: Log): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    log.error('The data folder cannot be made; the agent continues without it', {
      folder,
      reason: describeError(error),
    });
  });
}
