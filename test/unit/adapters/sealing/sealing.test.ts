import { createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { digestOf } from '../../../../src/adapters/filesystem/index.ts';
import {
  deserializePublicKey,
  keySchedule,
  openBase,
  sealBase,
} from '../../../../src/adapters/sealing/hpke.ts';
import { newBundleKey, openSealed, sealFile } from '../../../../src/adapters/sealing/index.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';

const hex = (text: string) => Buffer.from(text, 'hex');
const aes128Gcm = { id: 1, cipher: 'aes-128-gcm', keyBytes: 16 } as const;

describe('HPKE', () => {
  // RFC 9180, A.3.1: DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-128-GCM, mode base.
  const pkE = hex(
    '04a92719c6195d5085104f469a8b9814d5838ff72b60501e2c4466e5e67b325ac98536d7b61a1af4b78e5b7f951c0900be863c403ce65c9bfcb9382657222d18c4',
  );
  const pkR = hex(
    '04fe8c19ce0905191ebc298a9245792531f26f0cece2460639e8bc39cb7f706a826a779b4cf969b8a0e539c7f62fb3d30ad6aa8f80e30f1d128aafd68a2ce72ea0',
  );
  const skE = '4995788ef4b9d6132b249ce59a77281493eb39af373d236a1fe415cb0c2d7beb';
  const skR = 'f3ce7fdae57e1a310d87f1ebbde6f328be0a99cdbcadf4d6589cf29de4b8ffd2';
  const info = hex('4f6465206f6e2061204772656369616e2055726e');
  const aad = Buffer.from('Count-0');
  const plaintext = Buffer.from('Beauty is truth, truth beauty');

  const keyOf = (point: Buffer, secret: string) =>
    createPrivateKey({
      format: 'jwk',
      key: {
        ...{ kty: 'EC', crv: 'P-256', d: hex(secret).toString('base64url') },
        x: point.subarray(1, 33).toString('base64url'),
        y: point.subarray(33).toString('base64url'),
      },
    });

  it('makes key and nonce as the RFC has them', () => {
    const shared = hex('c0d26aeab536609a572b07695d933b589dcf363ff9d93c93adea537aeabb8cb8');
    const { key, nonce } = keySchedule(shared, info, aes128Gcm);
    expect(key.toString('hex')).toBe('868c066ef58aae6dc589b6cfdd18f97e');
    expect(nonce.toString('hex')).toBe('4e0bc5018beba4bf004cca59');
  });

  it('seals as the RFC has it, and opens that', () => {
    const context = { info, aad, aead: aes128Gcm };
    const message = sealBase(deserializePublicKey(pkR), plaintext, context, keyOf(pkE, skE));
    expect(Buffer.from(message.enc).equals(pkE)).toBe(true);
    expect(Buffer.from(message.ciphertext).toString('hex')).toBe(
      '5ad590bb8baa577f8619db35a36311226a896e7342a6d836d8b7bcd2f20b6c7f9076ac232e3ab2523f39513434',
    );
    expect(openBase(keyOf(pkR, skR), message, context).equals(plaintext)).toBe(true);
  });

  it('opens nothing with another key, for another purpose, or changed', () => {
    const pair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    const [mine, other] = [pair(), pair()];
    const message = sealBase(createPublicKey(mine), plaintext, { info, aad });
    expect(openBase(mine, message, { info, aad }).equals(plaintext)).toBe(true);
    expect(() => openBase(other, message, { info, aad })).toThrow();
    expect(() => openBase(mine, message, { info, aad: Buffer.from('x') })).toThrow();
    expect(() => openBase(mine, message, { info: aad, aad })).toThrow();
    const changed = Buffer.from(message.ciphertext);
    changed[3]! ^= 1;
    expect(() => openBase(mine, { ...message, ciphertext: changed }, { info, aad })).toThrow();
    // A point that is not on the curve would give the key away.
    const off = Buffer.from(message.enc);
    off[40]! ^= 1;
    expect(() => openBase(mine, { ...message, enc: off }, { info, aad })).toThrow();
  });
});

describe('An encrypted file', () => {
  const chunk = 65_536;

  async function sealed(bytes: Buffer, key = newBundleKey()) {
    const folder = temporaryFolder();
    const [from, target] = [join(folder, 'plain'), join(folder, 'sealed')];
    writeFileSync(from, bytes);
    const plain = { digest: digestOf(bytes), size: bytes.length };
    const made = await sealFile(from, target, plain, key);
    return { target, plain, key, made };
  }

  it.each([0, 1, chunk - 1, chunk, chunk + 1, 3 * chunk, 3 * chunk + 7])(
    'of %i bytes decrypts to the original, and shows no plain bytes',
    async (size) => {
      const bytes = Buffer.alloc(size, 'marker ');
      const { target, plain, key, made } = await sealed(bytes);
      expect(made).toEqual({ digest: digestOf(readFileSync(target)), size: statSync(target).size });
      expect(readFileSync(target).includes('marker')).toBe(false);
      expect(Buffer.from(await openSealed(target, plain, key)).equals(bytes)).toBe(true);
    },
  );

  it('is not made of a file that became shorter meanwhile: the reason says what to do', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'plain'), Buffer.alloc(chunk + 5));
    const plain = { digest: digestOf('x'), size: 2 * chunk + 5 };
    const made = sealFile(join(folder, 'plain'), join(folder, 'sealed'), plain, newBundleKey());
    await expect(made).rejects.toMatchObject({ code: 'bundle-changed' });
  });

  it('opens with no other key, and not for another file', async () => {
    const { target, plain, key } = await sealed(randomBytes(2 * chunk));
    await expect(openSealed(target, plain, newBundleKey())).rejects.toMatchObject({ code: 'sealed-file' });
    const other = { ...plain, digest: digestOf('x') };
    await expect(openSealed(target, other, key)).rejects.toMatchObject({ code: 'sealed-file' });
  });

  it('with other bytes is refused, even if its maker has the key: the bundle names a digest', async () => {
    const [bytes, others] = [randomBytes(1_000), randomBytes(1_000)];
    const plain = { digest: digestOf(bytes), size: bytes.length };
    const key = newBundleKey();
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'others'), others);
    await sealFile(join(folder, 'others'), join(folder, 'sealed'), plain, key);
    await expect(openSealed(join(folder, 'sealed'), plain, key)).rejects.toThrow(
      /not the file that the manifest names/,
    );
  });

  const sealedChunk = chunk + 16;
  it.each<[string, (bytes: Buffer) => Buffer, number]>([
    ['changed', (bytes) => bytes.fill(bytes[100]! ^ 1, 100, 101), 0],
    [
      'with two chunks in each other’s place',
      (bytes) =>
        Buffer.concat([
          bytes.subarray(sealedChunk, 2 * sealedChunk),
          bytes.subarray(0, sealedChunk),
          bytes.subarray(2 * sealedChunk),
        ]),
      0,
    ],
    ['cut at the end of a chunk', (bytes) => bytes.subarray(0, 2 * sealedChunk), 0],
    ['cut at the end of a chunk, and promised so', (bytes) => bytes.subarray(0, 2 * sealedChunk), 2 * chunk],
    ['with more behind it', (bytes) => Buffer.concat([bytes, bytes.subarray(0, sealedChunk)]), 0],
    ['empty', () => Buffer.alloc(0), 0],
  ])('%s is refused', async (_title, change, promised) => {
    const { target, plain, key } = await sealed(randomBytes(3 * chunk));
    writeFileSync(target, change(readFileSync(target)));
    const size = promised === 0 ? plain.size : promised;
    await expect(openSealed(target, { ...plain, size }, key)).rejects.toMatchObject({ code: 'sealed-file' });
  });
});
