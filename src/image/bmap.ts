/*
 * Which parts of an image have to be written: a block map (bmap-tools, version 2.0). What belongs to no file system is
 * left out. Zeros inside of a file system are not: a card holds what was on it before.
 */

export interface MappedRange {
  readonly startByte: number;
  readonly bytes: number;
  /** sha256 in hex. */
  readonly checksum: string;
}

export interface BlockMap {
  readonly imageBytes: number;
  readonly ranges: readonly MappedRange[];
}

export const blockBytes = 4096;
/** A longer range is told in pieces, so that a fault is found near where it is. */
const longestRangeBytes = 16 * 2 ** 20;
/** A map is small; more is none. */
export const limitOfMap = 8 * 2 ** 20;

const zeros = '0'.repeat(64);

/** `sha256` of a text, in hex: the map holds its own. */
export function renderBlockMap({ imageBytes, ranges }: BlockMap, sha256: (text: string) => string): string {
  const blocks = (bytes: number) => Math.ceil(bytes / blockBytes);
  const mapped = ranges.reduce((sum, { bytes }) => sum + blocks(bytes), 0);
  const lines = ranges.map(({ startByte, bytes, checksum }) => {
    const first = startByte / blockBytes;
    const last = first + blocks(bytes) - 1;
    return `        <Range chksum="${checksum}"> ${first === last ? first : `${first}-${last}`} </Range>`;
  });
  const text = `<?xml version="1.0" ?>
<bmap version="2.0">
    <ImageSize> ${imageBytes} </ImageSize>
    <BlockSize> ${blockBytes} </BlockSize>
    <BlocksCount> ${blocks(imageBytes)} </BlocksCount>
    <MappedBlocksCount> ${mapped} </MappedBlocksCount>
    <ChecksumType> sha256 </ChecksumType>
    <BmapFileChecksum> ${zeros} </BmapFileChecksum>
    <BlockMap>
${lines.join('\n')}
    </BlockMap>
</bmap>
`;
  return text.replace(zeros, sha256(text));
}

/** `undefined`: it is no map that can be used, or not as it was written. */
export function parseBlockMap(text: string, sha256: (text: string) => string): BlockMap | undefined {
  const field = (name: string) => new RegExp(`<${name}>\\s*([^<]*?)\\s*</${name}>`).exec(text)?.[1] ?? '';
  const own = field('BmapFileChecksum');
  if (!/^[0-9a-f]{64}$/.test(own) || sha256(text.replace(own, zeros)) !== own) return undefined;
  const imageBytes = Number(field('ImageSize'));
  const block = Number(field('BlockSize'));
  if (field('ChecksumType') !== 'sha256' || !Number.isSafeInteger(imageBytes) || imageBytes < 1)
    return undefined;
  if (!Number.isInteger(block) || block < 512 || block > 2 ** 20) return undefined;
  const ranges = [...text.matchAll(/<Range chksum="([0-9a-f]{64})">\s*(\d+)(?:-(\d+))?\s*<\/Range>/g)].map(
    ([, checksum = '', first = '', last = first]) => ({
      startByte: Number(first) * block,
      bytes: Math.min((Number(last) + 1) * block, imageBytes) - Number(first) * block,
      checksum,
    }),
  );
  return inOrder(ranges, imageBytes) ? { imageBytes, ranges } : undefined;
}

function inOrder(ranges: readonly MappedRange[], imageBytes: number): boolean {
  let end = 0;
  for (const { startByte, bytes } of ranges) {
    if (startByte < end || bytes < 1 || startByte + bytes > imageBytes) return false;
    end = startByte + bytes;
  }
  return ranges.length > 0;
}

/** Parts as they lie, in pieces of at most `longestRangeBytes`. */
export function pieces(parts: readonly { readonly startByte: number; readonly bytes: number }[]) {
  return parts.flatMap(({ startByte, bytes }) =>
    Array.from({ length: Math.ceil(bytes / longestRangeBytes) }, (_, index) => ({
      startByte: startByte + index * longestRangeBytes,
      bytes: Math.min(longestRangeBytes, bytes - index * longestRangeBytes),
    })),
  );
}
