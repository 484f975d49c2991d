import { encodeUtf8 } from '../../base/index.ts';
import { canonicalText } from './canonical.ts';
import type { Fields } from './fields.ts';

/** A public key as TUF metadata has it. */
export interface TrustKey {
  readonly keytype: string;
  readonly scheme: string;
  readonly keyval: { readonly public: string };
}

export type HashName = 'sha256' | 'sha512';

/** Port: hashes and signatures. Nothing of it throws for what came from outside. */
export interface TrustCrypto {
  /** As hex. */
  digest(algorithm: HashName, bytes: Uint8Array): string;
  /** False for what is not signed by that key, and for a key or scheme that is not known. */
  verify(key: TrustKey, message: Uint8Array, signature: Uint8Array): boolean;
  /** The same text for the same key, however it is written; undefined for one that can't be read. */
  identify(key: TrustKey): string | undefined;
}

/** Port: a private key, wherever it is. */
export interface TrustSigner {
  readonly key: TrustKey;
  sign(message: Uint8Array): Uint8Array;
}

/** sha256 of the canonical text of a key. `fields`: with what its metadata says beside the three. */
export function keyIdOf(key: TrustKey | Fields, verifier: Pick<TrustCrypto, 'digest'>): string {
  return verifier.digest('sha256', encodeUtf8(canonicalText(key)));
}
