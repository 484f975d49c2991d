import { join } from 'node:path';
import { runTool, type Token, TokenKeyMaker } from '../../adapters/pkcs11/index.ts';
import { Tpm2Seal } from '../../adapters/tpm2/index.ts';
import { IdentityFolder, SealedKeyFile } from '../../adapters/x509/index.ts';
import { describeError, InputError, type Log } from '../../base/index.ts';
import type { AgentSettings } from '../settings/agent.ts';

type KeySettings = Pick<NonNullable<AgentSettings['enrolment']>, 'pkcs11' | 'seal'>;

/** Where the identity of a device lies, in its data folder. */
export function identityPath(dataDir: string): string {
  return join(dataDir, 'identity');
}

/** The identity, with its key where the settings want it: in a file, sealed by the TPM, or in a token. */
export function openIdentityFolder(dataDir: string, { pkcs11, seal }: KeySettings, log: Log): IdentityFolder {
  const path = identityPath(dataDir);
  if (seal === undefined)
    return new IdentityFolder(path, pkcs11 === undefined ? undefined : deviceKeys(pkcs11));
  if (pkcs11 !== undefined)
    throw new InputError(
      'settings-invalid',
      'enrolment: pkcs11 and seal exclude each other.',
      'Keep the one: a key in a token never comes out, and a sealed one also opens encrypted models with a TPM.',
    );
  const tpm = new Tpm2Seal({ pcrs: seal.pcrs });
  const tell = (error: Error) =>
    log.warn(
      'The key of this device is not sealed, although the settings ask for it; the agent uses the key as it is on the disk',
      {
        reason: describeError(error),
      },
    );
  return new IdentityFolder(path, undefined, (plain) => new SealedKeyFile(plain, tpm, tell));
}

export function deviceKeys(token: Token): TokenKeyMaker {
  return new TokenKeyMaker(token, 'goshawk-device', runTool, true);
}
