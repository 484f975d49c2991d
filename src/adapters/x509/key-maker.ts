import { createPrivateKey, generateKeyPairSync } from 'node:crypto';

/** Makes private keys on P-256. What stands in a key file afterwards is PEM: the key, or a reference to one in a token. */
export interface KeyMaker {
  make(): Promise<string>;
  /** Whether what stands in a key file can be used as a key of this maker. */
  fits(pem: string): boolean;
}

/** Keys that are nowhere but in their file. */
export const fileKeys: KeyMaker = {
  async make() {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  },
  fits(pem) {
    try {
      return pem.includes('PRIVATE KEY') && isP256(pem);
    } catch {
      return false;
    }
  },
};

/** Throws where it is no key that can be read without a passphrase. */
export function isP256(pem: string): boolean {
  return createPrivateKey(pem).asymmetricKeyDetails?.namedCurve === 'prime256v1';
}
