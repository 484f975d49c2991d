import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { nodeTrustCrypto } from '../../../../src/adapters/crypto/index.ts';

const message = Buffer.from('metadata');
const pem = (key: KeyObject) => String(key.export({ type: 'spki', format: 'pem' }));
const ed25519 = generateKeyPairSync('ed25519');
const p256 = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const p384 = generateKeyPairSync('ec', { namedCurve: 'secp384r1' });
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const short = generateKeyPairSync('rsa', { modulusLength: 1024 });
const pss = { padding: 6, saltLength: 32 };

const of = (keytype: string, scheme: string, key: KeyObject) => ({
  keytype,
  scheme,
  keyval: { public: pem(key) },
});
const bySha256 = (key: KeyObject) => sign('sha256', message, key);

describe('A key of metadata', () => {
  const crypto = nodeTrustCrypto();
  const good = [
    [of('ed25519', 'ed25519', ed25519.publicKey), sign(undefined, message, ed25519.privateKey)],
    [of('ecdsa', 'ecdsa-sha2-nistp256', p256.publicKey), bySha256(p256.privateKey)],
    [of('ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp256', p256.publicKey), bySha256(p256.privateKey)],
    [of('rsa', 'rsassa-pss-sha256', rsa.publicKey), sign('sha256', message, { key: rsa.privateKey, ...pss })],
  ] as const;
  it.each(good)('%o verifies', (key, signature) => {
    expect(crypto.verify(key, message, signature)).toBe(true);
    expect(crypto.verify(key, Buffer.from('other'), signature)).toBe(false);
    expect(crypto.identify(key)).toBeDefined();
  });

  // Each signature is right for its key; the key is of another kind than it says, or too weak.
  const bad = [
    [
      'ed25519 that says ECDSA',
      of('ecdsa', 'ed25519', ed25519.publicKey),
      sign(undefined, message, ed25519.privateKey),
    ],
    ['P-384 that says P-256', of('ecdsa', 'ecdsa-sha2-nistp256', p384.publicKey), bySha256(p384.privateKey)],
    ['RSA that says P-256', of('ecdsa', 'ecdsa-sha2-nistp256', rsa.publicKey), bySha256(rsa.privateKey)],
    [
      'RSA of 1024 bits',
      of('rsa', 'rsassa-pss-sha256', short.publicKey),
      sign('sha256', message, { key: short.privateKey, ...pss }),
    ],
    [
      'a scheme that nobody knows',
      of('ecdsa', 'ecdsa-sha2-nistp521', p256.publicKey),
      bySha256(p256.privateKey),
    ],
  ] as const;
  it.each(bad)('%s verifies nothing', (_what, key, signature) => {
    expect(crypto.verify(key, message, signature)).toBe(false);
    expect(crypto.identify(key)).toBeUndefined();
  });

  it('is one, however it is written', () => {
    const der = ed25519.publicKey.export({ type: 'spki', format: 'der' });
    const raw = {
      keytype: 'ed25519',
      scheme: 'ed25519',
      keyval: { public: der.subarray(-32).toString('hex') },
    };
    expect(crypto.identify(raw)).toBe(crypto.identify(of('ed25519', 'ed25519', ed25519.publicKey)));
  });
});
