import { randomBytes } from 'node:crypto';
import { chmod, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { secretKeyBytes } from '../../adapters/crypto/index.ts';
import { InputError } from '../../base/index.ts';
import { explainFileError, systemCode, writeFileAtomic } from '../../platform/index.ts';

/**
 * The key of the secrets in the database, in `<dataDir>/secrets.key`, readable by its user alone; the first start makes
 * it. A copy of the database without it gives none of them away.
 */
export async function ensureSecretKey(dataDir: string): Promise<Uint8Array> {
  const path = join(dataDir, 'secrets.key');
  const explain = (error: unknown) => explainFileError(error, 'keep the key of the secrets', path);
  try {
    const key = Buffer.from((await readFile(path, 'utf8')).trim(), 'hex');
    if (key.byteLength !== secretKeyBytes)
      throw new InputError(
        'secret-key-invalid',
        `${path} holds no key of ${secretKeyBytes} bytes as hexadecimal digits.`,
        'Restore it from a copy, or remove it: a new one is made, and the keys of signatures have to be set again.',
      );
    await chmod(path, 0o600);
    return key;
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error instanceof InputError ? error : explain(error);
  }
  const key = randomBytes(secretKeyBytes);
  await writeFileAtomic(path, `${key.toString('hex')}\n`, { mode: 0o600, explain });
  return key;
}
