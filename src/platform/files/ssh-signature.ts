import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { promisify } from 'node:util';
import { GoshawkError, MissingError } from '../../base/index.ts';
import { systemCode } from './file-error.ts';

/** Files are signed as files: `ssh-keygen -Y verify -n file`. */
const namespace = 'file';

/** MissingError where there is no such key: before the work whose results it is to sign. */
export function expectSigningKey(key: string | undefined): void {
  if (key === undefined || existsSync(key)) return;
  throw new MissingError('sign-key-missing', `There is no ${key}.`, 'Make a key: ssh-keygen -t ed25519.');
}

/**
 * Writes `<file>.sig` beside each file: an SSH signature (SSHSIG, armoured), by a private key, or by a public one whose other half
 * is in ssh-agent or in a token. Gives the paths. Asks at the terminal for the passphrase of a key.
 */
export async function signFiles(files: readonly string[], key: string): Promise<readonly string[]> {
  const signatures = [];
  for (const file of files) {
    const signature = `${file}.sig`;
    // ssh-keygen would ask whether it may write over it.
    await rm(signature, { force: true });
    await promisify(execFile)('ssh-keygen', ['-q', '-Y', 'sign', '-f', key, '-n', namespace, file]).catch(
      (error: Error & { readonly stderr?: string }) => {
        throw notSigned(file, error);
      },
    );
    signatures.push(signature);
  }
  return signatures;
}

function notSigned(file: string, error: Error & { readonly stderr?: string }): GoshawkError {
  if (systemCode(error) === 'ENOENT')
    return new MissingError(
      'sign-tool-missing',
      'ssh-keygen is not on this machine.',
      'Install it: sudo apt-get install openssh-client',
    );
  return new GoshawkError(
    'sign-failed',
    `${file} was not signed: ${error.stderr?.trim() || error.message}`,
    'Check that the key is one that `ssh-keygen -t ed25519` made, and its passphrase.',
  );
}
