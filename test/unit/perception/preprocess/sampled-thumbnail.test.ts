import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { thumbnail } from '../../../../src/drift/index.ts';
import { type Image, sampleThumbnail } from '../../../../src/perception/index.ts';

function picture(width: number, height: number, padding: number, seed: number): Image {
  const step = width * 3 + padding;
  let state = seed;
  const data = Uint8Array.from({ length: step * height }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) | 0;
    return state >>> 24;
  });
  return { data, width, height, step, encoding: 'rgb8' };
}

describe('A look at a frame', () => {
  it('gives the thumbnail that the frame itself gives, whatever its size', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 3, max: 700 }),
        fc.integer({ min: 1, max: 400 }),
        fc.integer({ min: 0, max: 9 }),
        fc.integer(),
        (width, height, padding, seed) => {
          const image = picture(width, height, padding, seed);
          const look = sampleThumbnail(image);
          expect(look).toBeDefined();
          if (look !== undefined) expect(thumbnail(look)).toEqual(thumbnail(image));
        },
      ),
      { numRuns: 40 },
    );
  });

  it('is none of a frame that has no neighbours', () => {
    expect(sampleThumbnail(picture(2, 40, 0, 1))).toBeUndefined();
  });
});
