import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Secrets } from '../../controller/index.ts';
import { agreesWith } from './node-sum-crypto.ts';

/** Randomness, hashing and comparison from Node's OpenSSL. */
export const nodeSecrets: Secrets = {
  randomBytes: (count) => new Uint8Array(randomBytes(count)),
  sha256: (text) => new Uint8Array(createHash('sha256').update(text).digest()),
  equal: (a, b) => a.byteLength === b.byteLength && timingSafeEqual(a, b),
  agreesWith,
};
