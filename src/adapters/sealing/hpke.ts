import type { KeyObject } from 'node:crypto';
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
} from 'node:crypto';

/*
 * HPKE (RFC 9180), mode base, one message: DHKEM(P-256, HKDF-SHA256), HKDF-SHA256 and AES-GCM. The names are the RFC's.
 */

const kemId = 0x0010;
const kdfId = 0x0001;
const hashBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;

export interface HpkeAead {
  readonly id: number;
  readonly cipher: 'aes-128-gcm' | 'aes-256-gcm';
  readonly keyBytes: number;
}

const aes256Gcm: HpkeAead = { id: 0x0002, cipher: 'aes-256-gcm', keyBytes: 32 };

const text = (value: string) => Buffer.from(value, 'latin1');
const kemSuite = Buffer.concat([text('KEM'), i2osp(kemId, 2)]);

function i2osp(value: number, bytes: number): Buffer {
  const out = Buffer.alloc(bytes);
  out.writeUIntBE(value, 0, bytes);
  return out;
}

function extract(salt: Uint8Array, ikm: Uint8Array): Buffer {
  return createHmac('sha256', salt.length === 0 ? Buffer.alloc(hashBytes) : salt)
    .update(ikm)
    .digest();
}

function expand(prk: Uint8Array, info: Uint8Array, bytes: number): Buffer {
  let last: Buffer = Buffer.alloc(0);
  let out: Buffer = Buffer.alloc(0);
  for (let counter = 1; out.length < bytes; counter++) {
    last = createHmac('sha256', prk).update(last).update(info).update(i2osp(counter, 1)).digest();
    out = Buffer.concat([out, last]);
  }
  return out.subarray(0, bytes);
}

function labeledExtract(suite: Uint8Array, salt: Uint8Array, label: string, ikm: Uint8Array): Buffer {
  return extract(salt, Buffer.concat([text('HPKE-v1'), suite, text(label), ikm]));
}

function labeledExpand(
  suite: Uint8Array,
  prk: Uint8Array,
  label: string,
  info: Uint8Array,
  bytes: number,
): Buffer {
  return expand(prk, Buffer.concat([i2osp(bytes, 2), text('HPKE-v1'), suite, text(label), info]), bytes);
}

/** The bytes before the uncompressed point in a P-256 key (SubjectPublicKeyInfo, DER). */
const spkiStart = Buffer.from('3059301306072a8648ce3d020106082a8648ce3d030107034200', 'hex');

/** Uncompressed point of a P-256 key; by its DER, since the public half of a key in a token has no other form. */
function serializePublicKey(key: KeyObject): Buffer {
  const der = key.export({ format: 'der', type: 'spki' });
  const point = der.subarray(spkiStart.length);
  if (!der.subarray(0, spkiStart.length).equals(spkiStart) || point.length !== 65 || point[0] !== 4)
    throw new RangeError('not a key on P-256 with an uncompressed point');
  return point;
}

/** Throws for a point that is not on the curve. */
export function deserializePublicKey(point: Uint8Array): KeyObject {
  if (point.length !== 65 || point[0] !== 4) throw new RangeError('not an uncompressed point of P-256');
  const part = (from: number) => Buffer.from(point.subarray(from, from + 32)).toString('base64url');
  return createPublicKey({ format: 'jwk', key: { kty: 'EC', crv: 'P-256', x: part(1), y: part(33) } });
}

function sharedSecret(dh: Uint8Array, enc: Uint8Array, recipient: Uint8Array): Buffer {
  const prk = labeledExtract(kemSuite, Buffer.alloc(0), 'eae_prk', dh);
  return labeledExpand(kemSuite, prk, 'shared_secret', Buffer.concat([enc, recipient]), hashBytes);
}

/** Key and nonce of the one message. */
export function keySchedule(
  shared: Uint8Array,
  info: Uint8Array,
  aead: HpkeAead,
): { key: Buffer; nonce: Buffer } {
  const suite = Buffer.concat([text('HPKE'), i2osp(kemId, 2), i2osp(kdfId, 2), i2osp(aead.id, 2)]);
  const none = Buffer.alloc(0);
  const context = Buffer.concat([
    i2osp(0, 1),
    labeledExtract(suite, none, 'psk_id_hash', none),
    labeledExtract(suite, none, 'info_hash', info),
  ]);
  const secret = labeledExtract(suite, shared, 'secret', none);
  return {
    key: labeledExpand(suite, secret, 'key', context, aead.keyBytes),
    nonce: labeledExpand(suite, secret, 'base_nonce', context, nonceBytes),
  };
}

export interface HpkeContext {
  readonly info: Uint8Array;
  readonly aad: Uint8Array;
  readonly aead?: HpkeAead;
}

export interface HpkeMessage {
  readonly enc: Uint8Array;
  readonly ciphertext: Uint8Array;
}

/** `ephemeral`: only a test gives one. */
export function sealBase(
  recipient: KeyObject,
  plaintext: Uint8Array,
  { info, aad, aead = aes256Gcm }: HpkeContext,
  ephemeral = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
): HpkeMessage {
  const enc = serializePublicKey(createPublicKey(ephemeral));
  const dh = diffieHellman({ privateKey: ephemeral, publicKey: recipient });
  const { key, nonce } = keySchedule(sharedSecret(dh, enc, serializePublicKey(recipient)), info, aead);
  const cipher = createCipheriv(aead.cipher, key, nonce).setAAD(aad);
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
  return { enc, ciphertext };
}

/** Throws where the message is not for this key, or was changed. */
export function openBase(
  privateKey: KeyObject,
  { enc, ciphertext }: HpkeMessage,
  { info, aad, aead = aes256Gcm }: HpkeContext,
): Buffer {
  const dh = diffieHellman({ privateKey, publicKey: deserializePublicKey(enc) });
  const own = serializePublicKey(createPublicKey(privateKey));
  const { key, nonce } = keySchedule(sharedSecret(dh, enc, own), info, aead);
  const cut = ciphertext.length - tagBytes;
  const cipher = createDecipheriv(aead.cipher, key, nonce).setAAD(aad).setAuthTag(ciphertext.subarray(cut));
  return Buffer.concat([cipher.update(ciphertext.subarray(0, cut)), cipher.final()]);
}
