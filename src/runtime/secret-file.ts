import { writeFileAtomic } from '../platform/index.ts';

export { readSecret as readSecretFile } from './settings/read.ts';

/** A secret in a file of its own, readable by this user alone. */
export function writeSecretFile(path: string, text: string): Promise<void> {
  return writeFileAtomic(path, text, { mode: 0o600 });
}
