import { createCipheriv, createPublicKey, diffieHellman, generateKeyPairSync, hkdfSync } from 'node:crypto';
import type { SumCrypto } from '../../agent/index.ts';

/** X25519, HKDF with SHA-256, and the key stream of AES-256 in counter mode. */
export const nodeSumCrypto: SumCrypto = {
  newKey: () => {
    const { publicKey, privateKey } = generateKeyPairSync('x25519');
    return {
      publicKey: Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url'),
      maskWith: (peer, about, length) => {
        const x = Buffer.from(peer).toString('base64url');
        const other = createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x }, format: 'jwk' });
        // Throws where the other key is of low order and the secret would be known to everybody.
        const secret = diffieHellman({ privateKey, publicKey: other });
        const key = Buffer.from(hkdfSync('sha256', secret, '', `goshawk sum 1/${about}`, 32));
        // The key is of one pair and one round, so the counter may begin at zero.
        const stream = createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(4 * length));
        return Uint32Array.from({ length }, (_, at) => stream.readUInt32LE(4 * at));
      },
    };
  },
};
