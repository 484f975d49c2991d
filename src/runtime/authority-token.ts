import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { type Token, TokenKeyMaker } from '../adapters/pkcs11/index.ts';
import type { KeyMaker } from '../adapters/x509/index.ts';
import { InputError } from '../base/index.ts';
import { systemCode, writeFileAtomic } from '../platform/index.ts';
import { useToken } from './token-provider.ts';

const tokenFile = 'token.json';
const Known = Type.Object(
  { module: Type.String(), label: Type.String(), pinFile: Type.String() },
  { additionalProperties: false },
);

/** The folder of an authority says itself in which token its key is: whoever opens it needs no setting. */
export async function keepToken(dir: string, token: Token): Promise<void> {
  const text = `${JSON.stringify(token, undefined, 2)}\n`;
  await writeFileAtomic(join(dir, tokenFile), text, { mode: 0o644, folderMode: 0o700 });
}

/** Before an authority is opened whose key may be in a token. */
export async function useTokenOf(dir: string): Promise<Token | undefined> {
  const token = await tokenOf(dir);
  if (token !== undefined) await useToken(token);
  return token;
}

/** A key of its own for each intermediate. */
export function intermediateKeys(token: Token): KeyMaker {
  return new TokenKeyMaker(token, `goshawk-ca-${Date.now().toString(36)}`);
}

async function tokenOf(dir: string): Promise<Token | undefined> {
  let text: string;
  try {
    text = await readFile(join(dir, tokenFile), 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const token: unknown = JSON.parse(text);
    if (Value.Check(Known, token)) return token;
  } catch {
    // Told below.
  }
  throw new InputError(
    'authority-token',
    `${join(dir, tokenFile)} does not say in which token the key of the authority is.`,
    'It holds module, label and pinFile, as `goshawk controller ca init` wrote them.',
  );
}
