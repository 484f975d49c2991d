import type { BlobStore } from './ports.ts';

/** A small blob of a known size, whole. MissingError `blob-unknown`. */
export async function readBlob(blobs: Pick<BlobStore, 'read'>, digest: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of await blobs.read(digest)) chunks.push(chunk);
  const whole = new Uint8Array(chunks.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.byteLength;
  }
  return whole;
}
