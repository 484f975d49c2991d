import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  convertedBytes,
  convertPicture,
  type RawEncoding,
  type RawPicture,
  rawEncodings,
} from '../../../../src/ros2/index.ts';

function converted(picture: RawPicture): number[] {
  const out = new Uint8Array(convertedBytes(picture.encoding, picture.width, picture.height));
  convertPicture(picture, out);
  return [...out];
}

/** Two columns and two rows, each with two bytes behind it that are no pixels. */
const table: readonly [RawEncoding, number, readonly number[], readonly number[]][] = [
  [
    'rgba8',
    10,
    [1, 2, 3, 255, 4, 5, 6, 255, 0, 0, 7, 8, 9, 255, 10, 11, 12, 255],
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
  ],
  [
    'bgra8',
    10,
    [1, 2, 3, 255, 4, 5, 6, 255, 0, 0, 7, 8, 9, 255, 10, 11, 12, 255],
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
  ],
  // U Y V Y to Y U Y V.
  ['uyvy', 6, [90, 1, 91, 2, 0, 0, 92, 3, 93, 4], [1, 90, 2, 91, 3, 92, 4, 93]],
  // V U to U V.
  ['nv21', 4, [1, 2, 0, 0, 3, 4, 0, 0, 91, 90], [1, 2, 3, 4, 90, 91]],
  ['mono16', 6, [9, 1, 9, 2, 0, 0, 9, 3, 9, 4], [1, 2, 3, 4]],
  ['mono16be', 6, [1, 9, 2, 9, 0, 0, 3, 9, 4, 9], [1, 2, 3, 4]],
];

describe('A picture of a camera', () => {
  it.each(table)('in %s becomes one that preprocessors read, byte by byte', (encoding, step, data, out) => {
    const picture = { data: Uint8Array.from(data), width: 2, height: 2, step, encoding };
    expect(converted(picture)).toEqual(out);
  });

  it.each([
    ['bayer_rggb8', 'rggb'],
    ['bayer_bggr8', 'bggr'],
    ['bayer_gbrg8', 'gbrg'],
    ['bayer_grbg8', 'grbg'],
  ] as const)('in %s is the mean of the nearest places of each colour', (encoding, square) => {
    const sides = fc.integer({ min: 2, max: 9 });
    const seen = fc.uint8Array({ minLength: 120, maxLength: 120 });
    fc.assert(
      fc.property(sides, sides, fc.integer({ min: 0, max: 3 }), seen, (width, height, extra, data) => {
        const step = width + extra;
        const out = converted({ data, width, height, step, encoding });
        const inside = (at: number, side: number) => (at < 0 ? 1 : at >= side ? side - 2 : at);
        for (let y = 0; y < height; y++) {
          for (let x = 0; x < width; x++) {
            for (const [channel, colour] of [...'rgb'].entries()) {
              // Of all nine places those that see this colour, the nearest first.
              const near = [-1, 0, 1]
                .flatMap((dy) => [-1, 0, 1].map((dx) => ({ dx, dy, far: dx * dx + dy * dy })))
                .filter(({ dx, dy }) => square[((y + dy) & 1) * 2 + ((x + dx) & 1)] === colour);
              const least = Math.min(...near.map(({ far }) => far));
              const values = near
                .filter(({ far }) => far === least)
                .map(({ dx, dy }) => data[inside(y + dy, height) * step + inside(x + dx, width)]!);
              const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
              expect(out[(y * width + x) * 3 + channel]).toBe(Math.floor(mean + 0.5));
            }
          }
        }
      }),
      { numRuns: 60, seed: 18 },
    );
  });

  it.each(['rggb', 'bggr', 'gbrg', 'grbg'] as const)(
    'in bayer_%s16 is what its high bytes are in 8 bits, of either byte order',
    (square) => {
      const sides = fc.integer({ min: 2, max: 9 });
      const seen = fc.uint8Array({ minLength: 200, maxLength: 200 });
      fc.assert(
        fc.property(sides, sides, fc.nat(3), seen, (width, height, extra, data) => {
          const step = 2 * width + extra;
          const highBytes = (first: number) =>
            Uint8Array.from({ length: width * height }, (_, at) => {
              const [x, y] = [at % width, Math.floor(at / width)];
              return data[y * step + 2 * x + first]!;
            });
          for (const [end, first] of [
            ['16', 1],
            ['16be', 0],
          ] as const) {
            const eight = { data: highBytes(first), width, height, step: width };
            expect(converted({ data, width, height, step, encoding: `bayer_${square}${end}` })).toEqual(
              converted({ ...eight, encoding: `bayer_${square}8` }),
            );
          }
        }),
        { numRuns: 60, seed: 18 },
      );
    },
  );

  it('has an encoding for each name', () => {
    for (const encoding of Object.keys(rawEncodings) as RawEncoding[]) {
      const data = new Uint8Array(64).fill(7);
      expect(converted({ data, width: 2, height: 2, step: 8, encoding })).not.toContain(0);
    }
  });
});
