import { createPublicKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import {
  isSealedKey,
  type KeyKind,
  newKeyFile,
  nodeTrustCrypto,
  signerOf,
  trustKeyOf,
} from '../../adapters/crypto/index.ts';
import { readNamedFile, writeFileAtomic } from '../../adapters/filesystem/index.ts';
import { InputError } from '../../base/index.ts';
import { FieldReader, keyIdOf, type TrustKey, type TrustSigner } from '../../trust/index.ts';

export interface KeyAccess {
  readonly file: string;
  /** Asked for when the key wants one. */
  readonly passphrase: () => Promise<string | undefined>;
}

export interface MadeKey {
  readonly id: string;
  readonly file: string;
  readonly publicFile: string;
}

/** A private key and, beside it, the public one as a root names it. */
export async function createKey(
  file: string,
  kind: KeyKind,
  passphrase: string | undefined,
): Promise<MadeKey> {
  await expectFree(file);
  const { text, key } = newKeyFile(kind, passphrase);
  await writeFileAtomic(file, text, { mode: 0o600 });
  return { ...(await writePublicKey(`${file}.pub`, key)), file };
}

/** The public half of a key that was made elsewhere, e.g. in a token. */
export async function exportKey(access: KeyAccess, out: string): Promise<MadeKey> {
  const { key } = await openKey(access);
  return { ...(await writePublicKey(out, key)), file: access.file };
}

export async function writePublicKey(
  publicFile: string,
  key: TrustKey,
): Promise<{ readonly id: string; readonly publicFile: string }> {
  await writeFileAtomic(publicFile, `${JSON.stringify(key, undefined, 1)}\n`, { mode: 0o644 });
  return { id: keyIdOf(key, nodeTrustCrypto()), publicFile };
}

export async function openKey({ file, passphrase }: KeyAccess): Promise<TrustSigner> {
  const text = await readText(file);
  return signerOf(text, isSealedKey(text) ? await passphrase() : undefined);
}

/** What `goshawk keys create` wrote beside a key, or a public key in PEM. */
export async function readPublicKey(file: string): Promise<TrustKey> {
  const text = await readText(file);
  if (text.includes('PRIVATE KEY'))
    throw new InputError('key-private', `${file} holds a private key.`, `Name the public one: ${file}.pub.`);
  try {
    if (text.trimStart().startsWith('-----BEGIN')) return trustKeyOf(createPublicKey(text));
    const read = new FieldReader(file);
    const { keytype, scheme, keyval } = read.object(JSON.parse(text), 'the whole');
    const key = {
      keytype: read.text(keytype, 'keytype'),
      scheme: read.text(scheme, 'scheme'),
      keyval: { public: read.text(read.object(keyval, 'keyval').public, 'keyval.public') },
    };
    if (nodeTrustCrypto().identify(key) === undefined) throw new RangeError('not a key');
    return key;
  } catch (cause) {
    throw new InputError(
      'key-form',
      `${file} is not a public key.`,
      'It is what `goshawk keys create` writes beside a key, or PEM of ed25519 or P-256.',
      { cause },
    );
  }
}

async function readText(file: string): Promise<string> {
  const make = 'Check the path, or make one: goshawk keys create; of the controller: goshawk keys online.';
  return String(await readNamedFile(file, 'read the key', make));
}

async function expectFree(file: string): Promise<void> {
  const there = await readFile(file).then(
    () => true,
    () => false,
  );
  if (there)
    throw new InputError(
      'key-there',
      `${file} exists already.`,
      'Choose another name: a key is not replaced.',
    );
}
