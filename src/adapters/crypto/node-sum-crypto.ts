import {
  createCipheriv,
  createHash,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
} from 'node:crypto';
import type { SumCrypto } from '../../agent/index.ts';

/** X25519, HKDF with SHA-256, and the key stream of AES-256 in counter mode. */
export const nodeSumCrypto: SumCrypto = {
  newKey: () => {
    const { publicKey, privateKey } = generateKeyPairSync('x25519');
    return {
      publicKey: Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url'),
      maskWith: (peer, about, length) => {
        // HKDF takes 1024 bytes of it at most.
        const hash = createHash('sha256').update(about).digest('hex');
        const secret = secretOf(privateKey, peer);
        const key = Buffer.from(hkdfSync('sha256', secret, '', `goshawk sum 2/${hash}`, 32));
        // The key is of one pair, one round and one question, so the counter may begin at zero.
        const stream = createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(4 * length));
        return Uint32Array.from({ length }, (_, at) => stream.readUInt32LE(4 * at));
      },
    };
  },
};

/** Whether devices can make masks with whoever has this key: X25519 gives all of them a secret, or none of them. */
export function agreesWith(publicKey: Uint8Array): boolean {
  try {
    secretOf(generateKeyPairSync('x25519').privateKey, publicKey);
    return true;
  } catch {
    return false;
  }
}

/** Throws where the other key is of low order and the secret would be known to everybody. */
function secretOf(privateKey: KeyObject, peer: Uint8Array): Buffer {
  const x = Buffer.from(peer).toString('base64url');
  const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x }, format: 'jwk' });
  return diffieHellman({ privateKey, publicKey });
}
