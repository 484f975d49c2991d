import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { pictureFormat } from '../../../../src/adapters/sharp/format.ts';

const solid = () => sharp({ create: { width: 4, height: 4, channels: 3, background: '#f00' } });

describe('The first bytes of a picture', () => {
  it.each(['jpeg', 'png', 'webp', 'tiff', 'gif'] as const)('say that it is %s', async (format) => {
    expect(pictureFormat(await solid().toFormat(format).toBuffer())).toBe(format);
  });

  it.each([
    ['nothing', []],
    ['SVG', '<svg xmlns="http://www.w3.org/2000/svg"/>'],
    ['XML with an SVG', '<?xml version="1.0"?><svg/>'],
    ['PDF', '%PDF-1.7'],
    ['PostScript', '%!PS-Adobe-3.0'],
    ['gzip, as of an svgz', [0x1f, 0x8b, 8]],
    ['BMP', 'BM000000'],
    ['another RIFF', 'RIFF0000WAVE'],
    ['a RIFF that ends in its middle', 'RIFF00'],
    ['AVIF', '\0\0\0\x1cftypavif'],
    ['JPEG XL', [0xff, 0x0a]],
    ['JPEG 2000', [0, 0, 0, 12, 0x6a, 0x50, 0x20, 0x20]],
    ['a portable pixmap', 'P6\n4 4\n255\n'],
    ['FITS', 'SIMPLE  ='],
    ['a PNG after a space', ' \x89PNG\r\n\x1a\n'],
  ])('of %s name no format that can be read', (_, bytes) => {
    expect(pictureFormat(Buffer.from(bytes as string, 'latin1'))).toBeUndefined();
  });

  it('never throw, and say something only of those beginnings', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 16 }), (bytes) => {
        const first = bytes[0];
        if (pictureFormat(bytes) !== undefined) expect([0xff, 0x89, 0x47, 0x52, 0x49, 0x4d]).toContain(first);
      }),
    );
  });
});
