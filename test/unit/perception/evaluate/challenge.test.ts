import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changePicture, type Image } from '../../../../src/perception/index.ts';

/** Two rows of three grey pixels, with a byte between the rows that is of no picture. */
const picture: Image = {
  ...{ width: 3, height: 2, step: 4, encoding: 'mono8' },
  data: new Uint8Array([1, 2, 3, 99, 4, 5, 6, 99]),
};
const none = { mirrored: false, right: 0, down: 0, gain: 256 };
const pixels = (change: Partial<typeof none>) => [...changePicture(picture, { ...none, ...change }).data];

describe('A picture that is changed', () => {
  it.each([
    ['not at all', {}, [1, 2, 3, 4, 5, 6]],
    ['by a mirror', { mirrored: true }, [3, 2, 1, 6, 5, 4]],
    ['by rolling it right', { right: 1 }, [3, 1, 2, 6, 4, 5]],
    ['by rolling it down', { down: 1 }, [4, 5, 6, 1, 2, 3]],
    ['by rolling it further than it is wide', { right: 4 }, [3, 1, 2, 6, 4, 5]],
    ['in a mirror that is rolled', { mirrored: true, right: 1 }, [1, 3, 2, 4, 6, 5]],
    ['by its brightness', { gain: 384 }, [1, 3, 4, 6, 7, 9]],
    ['to no more than white', { gain: 256 * 100 }, [100, 200, 255, 255, 255, 255]],
  ])('%s', (_, change, expected) => {
    expect(pixels(change)).toEqual(expected);
  });

  it('keeps the bytes of a pixel together', () => {
    const rgb: Image = {
      width: 2,
      height: 1,
      step: 6,
      encoding: 'rgb8',
      data: new Uint8Array([1, 2, 3, 4, 5, 6]),
    };
    expect([...changePicture(rgb, { ...none, mirrored: true }).data]).toEqual([4, 5, 6, 1, 2, 3]);
  });

  it('is refused where pixels share bytes', () => {
    const yuyv: Image = { width: 2, height: 1, step: 4, encoding: 'yuyv', data: new Uint8Array(4) };
    expect(() => changePicture(yuyv, none)).toThrow(/yuyv/);
  });

  it('by rolling alone has the same pixels, whatever was asked for', () => {
    fc.assert(
      fc.property(fc.boolean(), fc.nat(65_535), fc.nat(65_535), (mirrored, right, down) => {
        expect(pixels({ mirrored, right, down }).sort()).toEqual([1, 2, 3, 4, 5, 6]);
      }),
    );
  });
});
