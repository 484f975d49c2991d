import { resolve } from 'node:path';
import { writeFileAtomic } from '../../adapters/filesystem/index.ts';
import { findProvider, keyReference, providerConfig, type Token } from '../../adapters/pkcs11/index.ts';

export interface NamedTokenKey {
  /** Names the key: for `--key`. */
  readonly file: string;
  /** For OPENSSL_CONF: how OpenSSL finds the token. */
  readonly config: string;
}

/** Names a key that is in a token. Neither file holds it, and the PIN stays in its own. */
export async function nameTokenKey(
  file: string,
  { object, ...token }: Token & { readonly object: string },
): Promise<NamedTokenKey> {
  const config = `${file}.cnf`;
  const absolute = { ...token, module: resolve(token.module), pinFile: resolve(token.pinFile) };
  await writeFileAtomic(config, providerConfig(absolute, findProvider()), { mode: 0o600 });
  await writeFileAtomic(file, keyReference({ token: token.label, object }), { mode: 0o600 });
  return { file, config };
}
