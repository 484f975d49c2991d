import {
  createHash,
  createPrivateKey,
  createPublicKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
  X509Certificate,
} from 'node:crypto';
import { InputError, RefusedError } from '../../base/index.ts';
import type { Recipient } from '../../trust/index.ts';
import { openBase, sealBase } from './hpke.ts';

/** One key for all encrypted files of a bundle; each file's own key is derived from it. */
const keyBytes = 32;
const info = Buffer.from('goshawk encrypted bundle v1');

export function newBundleKey(): Uint8Array {
  return randomBytes(keyBytes);
}

/** What plans of a network are encrypted with on a device: never the key of its files, opened by whoever opens those. */
export function planKeyOf(bundleKey: Uint8Array, network: string): Uint8Array {
  const info = `goshawk encrypted plan v1 ${network}`;
  return new Uint8Array(hkdfSync('sha256', bundleKey, new Uint8Array(0), info, keyBytes));
}

/** sha256 of a public key (SubjectPublicKeyInfo). `pem`: a certificate or a private key. */
export function publicKeyDigest(pem: string): string {
  return digestOfKey(publicKeyOf(pem));
}

/** `certificate`: PEM, of the device; the first where there are several. `bundle`: digest that the key is for. */
export function wrapKey(bundleKey: Uint8Array, certificate: string, bundle: string): Recipient {
  const publicKey = publicKeyOf(certificate);
  if (publicKey.asymmetricKeyType !== 'ec' || publicKey.asymmetricKeyDetails?.namedCurve !== 'prime256v1') {
    throw new InputError(
      'sealed-certificate',
      'The key of this certificate is not P-256, so models cannot be encrypted for it.',
      'Use the certificate that the device got when it enrolled (identity/ in its data folder).',
    );
  }
  const key = digestOfKey(publicKey);
  const { enc, ciphertext } = sealBase(publicKey, bundleKey, { info, aad: contextOf(bundle, key) });
  return {
    key,
    device: nameOf(certificate),
    encapsulated: Buffer.from(enc).toString('base64'),
    wrapped: Buffer.from(ciphertext).toString('base64'),
  };
}

/** `privateKey`: PEM of the device's key. RefusedError where the envelope's entry is not for this key. */
export function unwrapKey(
  { key, encapsulated, wrapped }: Recipient,
  privateKey: string,
  bundle: string,
): Uint8Array {
  try {
    return openBase(
      createPrivateKey(privateKey),
      { enc: Buffer.from(encapsulated, 'base64'), ciphertext: Buffer.from(wrapped, 'base64') },
      { info, aad: contextOf(bundle, key) },
    );
  } catch (error) {
    throw new RefusedError(
      'sealed-key',
      'The key of the encrypted model does not open with the key of this device.',
      'Encrypt the bundle again with this device’s certificate. A key in a token must allow derivation (ECDH).',
      { cause: error },
    );
  }
}

/** An entry is good for its bundle and its key, and can't be moved to others. */
function contextOf(bundle: string, key: string): Buffer {
  return Buffer.from(`${bundle} ${key}`);
}

function publicKeyOf(pem: string): KeyObject {
  try {
    if (/BEGIN CERTIFICATE/.test(pem)) return new X509Certificate(pem).publicKey;
    // By its private half: of a key in a token there is only a reference.
    return createPublicKey(createPrivateKey(pem));
  } catch (error) {
    throw new InputError(
      'sealed-certificate',
      'This is not a certificate.',
      'Use the PEM file of the certificate that the device got when it enrolled.',
      { cause: error },
    );
  }
}

function digestOfKey(key: KeyObject): string {
  return `sha256:${createHash('sha256')
    .update(key.export({ format: 'der', type: 'spki' }))
    .digest('hex')}`;
}

function nameOf(certificate: string): string {
  const { subject } = new X509Certificate(certificate);
  return (/^CN=(.+)$/m.exec(subject)?.[1] ?? 'unnamed').slice(0, 128);
}
