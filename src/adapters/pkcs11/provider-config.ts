import { existsSync } from 'node:fs';
import { InputError, MissingError } from '../../base/index.ts';
import { installRemedy } from '../../platform/index.ts';
import type { Token } from './token.ts';

const folders = [
  ...['x86_64-linux-gnu', 'aarch64-linux-gnu'].map((triplet) => `/usr/lib/${triplet}/ossl-modules`),
  ...['/usr/lib64/ossl-modules', '/usr/lib/ossl-modules'],
];

/** OpenSSL's provider for PKCS #11; MissingError `pkcs11-provider-missing`. */
export function findProvider(exists: (path: string) => boolean = existsSync): string {
  const found = folders.map((folder) => `${folder}/pkcs11.so`).find(exists);
  if (found !== undefined) return found;
  throw new MissingError(
    'pkcs11-provider-missing',
    'Keys in a token need the PKCS #11 provider of OpenSSL, which is not installed.',
    `${installRemedy('pkcs11-provider opensc')} Systems older than Debian 13 and Ubuntu 24.04 have none: remove the token from the settings.`,
  );
}

/**
 * Settings of OpenSSL that let it find keys in this token beside those of files. Node reads them once, when it starts, from
 * the file that OPENSSL_CONF names. Both names of the first lines are needed: one is Node's, one everybody else's.
 */
export function providerConfig({ module, pinFile }: Token, provider: string): string {
  for (const path of [module, pinFile, provider]) expectPlain(path);
  return `# Made by Goshawk from its settings; changes are lost.
openssl_conf = goshawk
nodejs_conf = goshawk

[goshawk]
providers = providers

[providers]
default = files
pkcs11 = token

[files]
activate = 1

[token]
module = ${provider}
pkcs11-module-path = ${module}
pkcs11-module-token-pin = file:${pinFile}
# A library that is finalized while the process ends may wait for threads that are gone.
pkcs11-module-quirks = no-deinit
activate = 1
`;
}

/** A "$", a "#" or a line end would mean something else there. */
function expectPlain(path: string): void {
  if (/^\/[A-Za-z0-9/._+@:-]+$/.test(path)) return;
  throw new InputError(
    'pkcs11-path',
    `${JSON.stringify(path)} is not allowed in the settings of OpenSSL.`,
    'Use an absolute path of letters, digits and "/._+@:-".',
  );
}
