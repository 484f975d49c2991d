import { InputError } from '../../base/index.ts';

/*
 * A delta of `zstd --patch-from` is an ordinary frame (RFC 8878) whose matches reach back into the file that it was made
 * from. Decoders that know no such prefix read it all the same when the prefix stands in the frame itself, as raw blocks in
 * front: they say nothing of repeated offsets and tables, so what follows decodes as it was meant. What comes out is then
 * the prefix followed by the file.
 */

const magic = 0xfd2fb528;
/** Largest block that a frame may have. */
const largestBlock = 128 * 1024;
/** zstd cuts no smaller blocks on average; a frame with more is made to cost time. */
const leastBytesPerBlock = 256;

interface FrameFacts {
  /** Where its first block begins. */
  readonly blocksAt: number;
  /** Where its last block ends. */
  readonly blocksEnd: number;
  readonly blocks: number;
}

/** The one frame that `bytes` must be, without dictionary. Throws InputError `zstd-frame` for anything else. */
function readFrame(bytes: Uint8Array): FrameFacts {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 9 || view.getUint32(0, true) !== magic) throw notAFrame('it does not begin as one');
  const descriptor = bytes[4] ?? 0;
  const single = (descriptor >> 5) & 1;
  const checksum = (descriptor >> 2) & 1;
  if ((descriptor & 0b1000) !== 0) throw notAFrame('a reserved bit is set');
  if ((descriptor & 0b11) !== 0) throw notAFrame('it wants a dictionary');
  const sizeFlag = descriptor >> 6;
  const blocksAt = 5 + (single === 1 ? 0 : 1) + (sizeFlag === 0 ? single : 1 << sizeFlag);
  let at = blocksAt;
  for (let blocks = 1; ; blocks++) {
    if (at + 3 > bytes.length) throw notAFrame('it is cut short');
    const header = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16);
    const type = (header >> 1) & 0b11;
    const size = header >> 3;
    if (type === 3 || size > largestBlock) throw notAFrame('a block is not of its kind');
    at += 3 + (type === 1 ? 1 : size);
    if (at > bytes.length) throw notAFrame('it is cut short');
    if ((header & 1) === 0) continue;
    if (at + checksum * 4 !== bytes.length) throw notAFrame('something follows it');
    return { blocksAt, blocksEnd: at, blocks };
  }
}

/**
 * The frame that any decoder unpacks to `base` followed by `size` bytes. `packed`: a delta against `base`, or, with an
 * empty base, any frame.
 */
export function frameWithPrefix(packed: Uint8Array, base: Uint8Array, size: number): Uint8Array {
  const { blocksAt, blocksEnd, blocks } = readFrame(packed);
  if (blocks > 64 + size / leastBytesPerBlock) throw notAFrame('it has too many blocks for what it holds');
  const rawBlocks = Math.ceil(base.length / largestBlock);
  const frame = new Uint8Array(13 + base.length + 3 * rawBlocks + (blocksEnd - blocksAt));
  const view = new DataView(frame.buffer);
  view.setUint32(0, magic, true);
  // One segment, its size in eight bytes, no checksum: the file's own digest is looked at.
  frame[4] = 0b1110_0000;
  view.setBigUint64(5, BigInt(base.length + size), true);
  let at = 13;
  for (let from = 0; from < base.length; from += largestBlock) {
    const piece = base.subarray(from, from + largestBlock);
    const header = piece.length << 3;
    frame[at] = header & 0xff;
    frame[at + 1] = (header >> 8) & 0xff;
    frame[at + 2] = header >> 16;
    frame.set(piece, at + 3);
    at += 3 + piece.length;
  }
  frame.set(packed.subarray(blocksAt, blocksEnd), at);
  return frame;
}

function notAFrame(why: string): InputError {
  return new InputError(
    'zstd-frame',
    `The download is no zstd frame that can be unpacked: ${why}.`,
    'The device fetches the file in another form. If that fails too, push the model again.',
  );
}
