import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  scryptSync,
  sign,
} from 'node:crypto';
import { InputError, MissingError, RefusedError } from '../../base/index.ts';
import type { TrustKey, TrustSigner } from '../../trust/index.ts';

export type KeyKind = 'ed25519' | 'p256';

/** 128 MB and about half a second for each guess at the passphrase. */
const scrypt = { N: 2 ** 17, r: 8, p: 1, maxmem: 256 * 1024 * 1024 };
const form = 'goshawk-key-1';

interface SealedKey {
  readonly form: typeof form;
  readonly salt: string;
  readonly iv: string;
  readonly tag: string;
  readonly sealed: string;
}

/** A new private key as the text of its file: sealed with the passphrase, or in PEM without one. */
export function newKeyFile(
  kind: KeyKind,
  passphrase: string | undefined,
): { readonly text: string; readonly key: TrustKey } {
  const { privateKey } =
    kind === 'ed25519'
      ? generateKeyPairSync('ed25519')
      : generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const pem = String(privateKey.export({ type: 'pkcs8', format: 'pem' }));
  return { text: passphrase === undefined ? pem : seal(pem, passphrase), key: trustKeyOf(privateKey) };
}

/** Whether the file wants a passphrase. */
export function isSealedKey(text: string): boolean {
  return text.trimStart().startsWith('{');
}

/**
 * What signs with the key of a file: PEM, a sealed one, or a reference to a key in a token. InputError `key-form`,
 * RefusedError `key-passphrase`, MissingError `key-unreadable`.
 */
export function signerOf(text: string, passphrase?: string): TrustSigner {
  const pem = isSealedKey(text) ? unseal(text, passphrase) : text;
  const isInToken = pem.includes('PKCS#11');
  if (isInToken) expectNodeForTokens();
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch (cause) {
    throw new MissingError(
      'key-unreadable',
      'A private key cannot be used.',
      isInToken
        ? 'It is in a token (PKCS #11): is the token there, with that key and this PIN?'
        : 'It has to be a file that `goshawk keys create` made, or a key in PEM.',
      { cause },
    );
  }
  const of = trustKeyOf(key);
  const hash = of.scheme === 'ed25519' ? undefined : 'sha256';
  return { key: of, sign: (message) => sign(hash, message, key) };
}

/** Node 20 has an older OpenSSL than the provider, and dies of it. */
function expectNodeForTokens(has: object = process): void {
  if ('execve' in has) return;
  throw new MissingError(
    'key-node',
    `The key is in a token, and this Node (${process.version}) cannot use one.`,
    "Use the Node of Goshawk's packages: /usr/lib/goshawk-agent/bin/goshawk.",
  );
}

/** As TUF metadata has it. InputError `key-form` for another kind of key. */
export function trustKeyOf(key: KeyObject): TrustKey {
  const open = createPublicKey(key);
  if (open.asymmetricKeyType === 'ed25519') {
    const der = open.export({ type: 'spki', format: 'der' });
    return { keytype: 'ed25519', scheme: 'ed25519', keyval: { public: der.subarray(-32).toString('hex') } };
  }
  if (open.asymmetricKeyDetails?.namedCurve === 'prime256v1') {
    const pem = String(open.export({ type: 'spki', format: 'pem' }));
    return { keytype: 'ecdsa', scheme: 'ecdsa-sha2-nistp256', keyval: { public: pem } };
  }
  throw new InputError(
    'key-form',
    'The key is neither ed25519 nor on P-256.',
    'Make one: goshawk keys create.',
  );
}

function seal(pem: string, passphrase: string): string {
  const salt = randomBytes(32);
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', scryptSync(passphrase, salt, 32, scrypt), iv).setAAD(
    Buffer.from(form),
  );
  const sealed = Buffer.concat([cipher.update(pem, 'utf8'), cipher.final()]);
  const text: SealedKey = {
    form,
    salt: salt.toString('base64'),
    iv: iv.toString('base64'),
    tag: cipher.getAuthTag().toString('base64'),
    sealed: sealed.toString('base64'),
  };
  return `${JSON.stringify(text, undefined, 1)}\n`;
}

function unseal(text: string, passphrase: string | undefined): string {
  if (passphrase === undefined)
    throw new RefusedError(
      'key-passphrase',
      'The key is sealed with a passphrase.',
      'Give it: --passphrase-file.',
    );
  let file: SealedKey;
  try {
    file = JSON.parse(text) as SealedKey;
    if (file.form !== form) throw new RangeError('another form');
  } catch (cause) {
    throw new InputError(
      'key-form',
      'The file is not a private key of Goshawk.',
      'Make one: goshawk keys create.',
      { cause },
    );
  }
  try {
    const bytes = (value: string) => Buffer.from(String(value), 'base64');
    const key = scryptSync(passphrase, bytes(file.salt), 32, scrypt);
    const decipher = createDecipheriv('aes-256-gcm', key, bytes(file.iv), { authTagLength: 16 })
      .setAAD(Buffer.from(form))
      .setAuthTag(bytes(file.tag));
    return Buffer.concat([decipher.update(bytes(file.sealed)), decipher.final()]).toString('utf8');
  } catch (cause) {
    throw new RefusedError('key-passphrase', 'The passphrase is not that of this key.', 'Try again.', {
      cause,
    });
  }
}
