import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { asGoshawkError, InputError } from '../../base/index.ts';
import { Digester, digestThrough } from '../../platform/index.ts';
import { sealedBytes, sealedChunkBytes, sealedTagBytes } from '../../trust/index.ts';

/*
 * A file in chunks of 64 KiB, each AES-256-GCM with a tag, in the STREAM construction (Hoang, Reyhanitabar, Rogaway and
 * Vizar 2015), as age and Tink have it: the nonce is a counter and a last byte that says whether it is the last chunk. So
 * no chunk can be left out, moved or put behind the end. The key is the file's own, derived from the bundle's key, the
 * digest of the plain file and the size of chunks: a nonce is used once with a key.
 */

const chunkBytes = sealedChunkBytes;
const tagBytes = sealedTagBytes;
const sealedChunk = chunkBytes + tagBytes;

interface Plain {
  readonly digest: string;
  readonly size: number;
}

function keyOf(bundleKey: Uint8Array, { digest }: Plain): Buffer {
  const info = `goshawk encrypted file v1 ${digest} ${chunkBytes}`;
  return Buffer.from(hkdfSync('sha256', bundleKey, new Uint8Array(0), info, 32));
}

function nonceOf(counter: number, last: boolean): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUInt32BE(counter, 7);
  nonce[11] = last ? 1 : 0;
  return nonce;
}

/** As many bytes as there are: a read may give fewer, and every chunk but the last has to be whole. */
async function fill(file: FileHandle, buffer: Uint8Array, at: number): Promise<number> {
  let filled = 0;
  while (filled < buffer.length) {
    const { bytesRead } = await file.read(buffer, filled, buffer.length - filled, at + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return filled;
}

/**
 * Encrypts a file of which nothing is known yet; says what it was. Its plain bytes get into no memory of this process but
 * what `allocate` gives, which is empty afterwards.
 */
export async function digestAndSeal(
  from: string,
  target: string,
  bundleKey: Uint8Array,
  allocate: (size: number) => Uint8Array,
): Promise<{ readonly digest: string; readonly size: number }> {
  const buffer = allocate(chunkBytes);
  try {
    const plain = await digestThrough(buffer, from);
    await sealFile(from, target, plain, bundleKey, buffer);
    return plain;
  } finally {
    buffer.fill(0);
  }
}

/** Encrypts a file; says what came of it. The target is synced. */
export async function sealFile(
  from: string,
  target: string,
  plain: Plain,
  bundleKey: Uint8Array,
  buffer: Uint8Array = new Uint8Array(chunkBytes),
): Promise<{ readonly digest: string; readonly size: number }> {
  const key = keyOf(bundleKey, plain);
  const digester = new Digester();
  const [source, sealed] = [await open(from, 'r'), await open(target, 'wx', 0o600)];
  try {
    for (let counter = 0, at = 0; ; counter++) {
      const bytesRead = await fill(source, buffer, at);
      at += bytesRead;
      const last = at >= plain.size;
      if (bytesRead < chunkBytes && !last)
        throw new InputError(
          'bundle-changed',
          `${from} became shorter while it was encrypted.`,
          'Leave the bundle alone, and encrypt it again.',
        );
      const cipher = createCipheriv('aes-256-gcm', key, nonceOf(counter, last));
      const chunk = Buffer.concat([
        cipher.update(buffer.subarray(0, bytesRead)),
        cipher.final(),
        cipher.getAuthTag(),
      ]);
      digester.add(chunk);
      await sealed.writeFile(chunk);
      if (last) break;
    }
    await sealed.sync();
  } finally {
    await source.close();
    await sealed.close();
  }
  return { digest: digester.digest, size: digester.size };
}

/**
 * The plain bytes of an encrypted file, in memory alone. InputError `sealed-file` where they are not those that the bundle
 * promises: another key, a changed or a cut file. The event loop has its turn after each chunk.
 */
export async function openSealed(
  path: string,
  plain: Plain,
  bundleKey: Uint8Array,
  allocate: (size: number) => Uint8Array = (size) => new Uint8Array(size),
): Promise<Uint8Array> {
  const key = keyOf(bundleKey, plain);
  const digester = new Digester();
  const file = await open(path, 'r').catch((error: unknown) => {
    throw asGoshawkError(error, 'sealed-file', 'Check the disk of this device.');
  });
  const out = allocate(plain.size);
  try {
    const { size } = await file.stat();
    const chunks = Math.max(1, Math.ceil(plain.size / chunkBytes));
    if (size !== sealedBytes(plain.size)) throw falsified(path, 'it has another size');
    const buffer = Buffer.alloc(sealedChunk);
    for (let counter = 0; counter < chunks; counter++) {
      const { bytesRead } = await file.read(buffer, 0, sealedChunk, counter * sealedChunk);
      const cut = bytesRead - tagBytes;
      const cipher = createDecipheriv('aes-256-gcm', key, nonceOf(counter, counter === chunks - 1));
      cipher.setAuthTag(buffer.subarray(cut, bytesRead));
      const chunk = Buffer.concat([cipher.update(buffer.subarray(0, cut)), cipher.final()]);
      digester.add(chunk);
      out.set(chunk, counter * chunkBytes);
      chunk.fill(0);
    }
  } catch (error) {
    if (error instanceof InputError) throw error;
    if (error instanceof Error && /authenticate|unsupported state/i.test(error.message))
      throw falsified(path, 'a chunk is not what was encrypted', error);
    throw asGoshawkError(error, 'sealed-file', 'Check the disk of this device.');
  } finally {
    await file.close();
  }
  if (digester.digest !== plain.digest) throw falsified(path, 'it is not the file that the manifest names');
  return out;
}

function falsified(path: string, why: string, cause?: unknown): InputError {
  return new InputError(
    'sealed-file',
    `${path} does not decrypt: ${why}.`,
    'Fetch the bundle again; encrypt it again where that does not help.',
    { cause },
  );
}
