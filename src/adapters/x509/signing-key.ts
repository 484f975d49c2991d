import { createPrivateKey, createPublicKey, type KeyObject, sign, webcrypto } from 'node:crypto';
import { describeError, MissingError } from '../../base/index.ts';
import { isP256 } from './key-maker.ts';
import { p256, type X509CertificateGenerator } from './library.ts';

/** A private key that signs, and that nobody can take out: of a file, or of a token behind PKCS #11. */
export interface SigningKey {
  readonly algorithm: typeof p256;
  readonly key: KeyObject;
}

/** PEM of a key or of a reference to one, as any program writes it. MissingError `key-unreadable`. */
export function signingKeyOf(pem: string): SigningKey {
  try {
    if (!isP256(pem)) throw new RangeError('it is not on P-256');
    return { algorithm: p256, key: createPrivateKey(pem) };
  } catch (cause) {
    throw new MissingError(
      'key-unreadable',
      `A private key can't be used: ${describeError(cause)}.`,
      pem.includes('PKCS#11')
        ? 'It is in a token (PKCS #11): is the token there, with that key and this PIN? Look with pkcs11-tool.'
        : 'Is it a key in PEM, without a passphrase?',
      { cause },
    );
  }
}

/** SubjectPublicKeyInfo, DER. */
export function publicKeyOf({ key }: SigningKey): Uint8Array {
  return new Uint8Array(createPublicKey(key).export({ type: 'spki', format: 'der' }));
}

type LibraryCrypto = NonNullable<Parameters<typeof X509CertificateGenerator.create>[1]>;

/**
 * What the library signs with. It knows the Web Crypto API alone, whose keys are copies in this process; a key of a token
 * has no copy. So all of it is the usual one, but for the signature.
 */
const { subtle } = webcrypto;
export const signingCrypto = {
  getRandomValues: <T extends NodeJS.TypedArray>(array: T) =>
    webcrypto.getRandomValues(array as unknown as Uint8Array<ArrayBuffer>) as unknown as T,
  subtle: {
    digest: subtle.digest.bind(subtle),
    importKey: subtle.importKey.bind(subtle),
    exportKey: subtle.exportKey.bind(subtle),
    sign: (_algorithm: unknown, { key }: SigningKey, data: ArrayBuffer) =>
      signature(key, new Uint8Array(data)),
  },
} as unknown as LibraryCrypto;

/** The library hands it on to `signingCrypto` and looks at its algorithm alone. */
export function libraryKey(key: SigningKey): webcrypto.CryptoKey {
  return key as unknown as webcrypto.CryptoKey;
}

/** Off the event loop: a TPM takes its time. */
function signature(key: KeyObject, data: Uint8Array): Promise<ArrayBuffer> {
  return new Promise((resolve, reject) =>
    sign('sha256', data, { key, dsaEncoding: 'ieee-p1363' }, (error, bytes) =>
      error === null ? resolve(Uint8Array.from(bytes).buffer) : reject(error),
    ),
  );
}
