import zlib from 'node:zlib';
import { decompress as withFzstd } from 'fzstd';

type Decompress = (
  frame: Uint8Array,
  options: { readonly maxOutputLength: number; readonly params: Readonly<Record<number, number>> },
) => Uint8Array;

/** Node's own, from 22.15 on: 13 times as fast. */
const ofNode = (zlib as { readonly zstdDecompressSync?: Decompress }).zstdDecompressSync;
/** ZSTD_d_windowLogMax: a delta reaches back over all of its base. */
const params = { 100: 31 };

/** What a frame says of its size is not believed: it gets `most` bytes and no more. */
export function decompress(frame: Uint8Array, most: number): Uint8Array {
  if (ofNode !== undefined) return ofNode(frame, { maxOutputLength: most, params });
  const room = new Uint8Array(most);
  withFzstd(frame, room);
  return room;
}
