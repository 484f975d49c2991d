import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parseBlockMap, pieces, renderBlockMap } from '../../../src/image/index.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const map = {
  imageBytes: 10 * 4096 + 512,
  ranges: [
    { startByte: 0, bytes: 4096, checksum: 'a'.repeat(64) },
    { startByte: 8192, bytes: 3 * 4096, checksum: 'b'.repeat(64) },
    { startByte: 10 * 4096, bytes: 512, checksum: 'c'.repeat(64) },
  ],
};

describe('A block map', () => {
  const text = renderBlockMap(map, sha256);

  it('is read as it was written', () => {
    expect(parseBlockMap(text, sha256)).toEqual(map);
  });

  it('is in the form of bmap-tools', () => {
    expect(text).toContain('<bmap version="2.0">');
    expect(text).toContain('<BlocksCount> 11 </BlocksCount>');
    expect(text).toContain('<MappedBlocksCount> 5 </MappedBlocksCount>');
    expect(text).toContain(`<Range chksum="${'b'.repeat(64)}"> 2-4 </Range>`);
  });

  const signed = (changed: string) => {
    const own = /<BmapFileChecksum> (.*) </.exec(changed)?.[1] ?? '';
    const zeroed = changed.replace(own, '0'.repeat(64));
    return zeroed.replace('0'.repeat(64), sha256(zeroed));
  };

  it.each([
    ['was changed', text.replace('2-4', '2-5')],
    ['is cut off', text.slice(0, -40)],
    ['has no ranges', signed(text.replace(/ +<Range.*\n/g, ''))],
    ['goes beyond the image', signed(text.replace('> 10 <', '> 11 <'))],
    ['has ranges that overlap', signed(text.replace('> 2-4 <', '> 0-4 <'))],
    ['has another kind of checksum', signed(text.replace('sha256 <', 'sha1 <'))],
    ['has blocks of no size', signed(text.replace('<BlockSize> 4096', '<BlockSize> 0'))],
    ['is something else', 'hello'],
  ])('that %s is refused', (_what, damaged) => {
    expect(parseBlockMap(damaged, sha256)).toBeUndefined();
  });

  it('has its long ranges in pieces', () => {
    const large = 40 * 2 ** 20;
    expect(pieces([{ startByte: 4096, bytes: large }]).map(({ bytes }) => bytes / 2 ** 20)).toEqual([
      16, 16, 8,
    ]);
  });
});
