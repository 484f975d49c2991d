import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitNames, type InputContract } from '../../../../src/model/index.ts';
import {
  checkImage,
  type Encoding,
  type Image,
  Letterboxer,
  letterboxGeometry,
} from '../../../../src/perception/index.ts';
import { letterbox } from '../../../../src/perception/preprocess/letterbox.ts';

const contract = (over: Partial<InputContract> = {}): InputContract => ({
  tensor: 'images',
  width: 32,
  height: 32,
  layout: 'nchw',
  dtype: 'float32',
  colorOrder: 'rgb',
  scale: 1,
  mean: [0, 0, 0],
  std: [1, 1, 1],
  fit: 'center',
  pad: 114,
  ...over,
});

const image = (
  encoding: Encoding,
  width: number,
  height: number,
  data: Uint8Array,
  step?: number,
): Image => ({
  encoding,
  width,
  height,
  data,
  step: step ?? width * { rgb8: 3, bgr8: 3, mono8: 1, nv12: 1, yuyv: 2, jpeg: 0 }[encoding],
});

/** The same picture by definition: convert each pixel, then blend four of them with real numbers. */
function reference(picture: Image, input: InputContract): Float32Array {
  const g = letterboxGeometry(input, picture.width, picture.height);
  const out = new Float32Array(input.width * input.height * 3);
  const at = (x: number, y: number): number[] => {
    const { data, step, encoding, height } = picture;
    if (encoding === 'mono8') return new Array(3).fill(data[y * step + x]);
    if (encoding === 'rgb8' || encoding === 'bgr8') {
      const p = [0, 1, 2].map((c) => data[y * step + x * 3 + c]!);
      return encoding === 'rgb8' ? p : p.reverse();
    }
    const even = x - (x % 2);
    const [luma, u, v] =
      encoding === 'nv12'
        ? [
            data[y * step + x]!,
            data[(height + (y >> 1)) * step + even]!,
            data[(height + (y >> 1)) * step + even + 1]!,
          ]
        : [data[y * step + x * 2]!, data[y * step + even * 2 + 1]!, data[y * step + even * 2 + 3]!];
    const l = 1.164 * Math.max(0, luma - 16);
    return [l + 1.596 * (v - 128), l - 0.813 * (v - 128) - 0.391 * (u - 128), l + 2.018 * (u - 128)].map(
      (value) => Math.round(Math.min(255, Math.max(0, value))),
    );
  };
  for (let c = 0; c < 3; c++) {
    const source = input.colorOrder === 'rgb' ? c : 2 - c;
    for (let y = 0; y < input.height; y++) {
      for (let x = 0; x < input.width; x++) {
        const ix = x - g.offsetX;
        const iy = y - g.offsetY;
        let value = input.pad;
        if (ix >= 0 && iy >= 0 && ix < g.resizedWidth && iy < g.resizedHeight) {
          const sx = Math.min(
            picture.width - 1,
            Math.max(0, ((ix + 0.5) * picture.width) / g.resizedWidth - 0.5),
          );
          const sy = Math.min(
            picture.height - 1,
            Math.max(0, ((iy + 0.5) * picture.height) / g.resizedHeight - 0.5),
          );
          const x0 = Math.floor(sx);
          const y0 = Math.floor(sy);
          const x1 = Math.min(picture.width - 1, x0 + 1);
          const y1 = Math.min(picture.height - 1, y0 + 1);
          const fx = sx - x0;
          const fy = sy - y0;
          value =
            (at(x0, y0)[source]! * (1 - fx) + at(x1, y0)[source]! * fx) * (1 - fy) +
            (at(x0, y1)[source]! * (1 - fx) + at(x1, y1)[source]! * fx) * fy;
        }
        const index =
          input.layout === 'nchw' ? (c * input.height + y) * input.width + x : (y * input.width + x) * 3 + c;
        out[index] = (value * input.scale - input.mean[c]!) / input.std[c]!;
      }
    }
  }
  return out;
}

/** Pictures of every encoding with padded rows and a last row that is not padded. */
const pictures = fc
  .record({
    encoding: fc.constantFrom<Encoding>('rgb8', 'bgr8', 'mono8', 'nv12', 'yuyv'),
    width: fc.integer({ min: 1, max: 40 }),
    height: fc.integer({ min: 1, max: 40 }),
    extra: fc.integer({ min: 0, max: 5 }),
    seed: fc.integer({ min: 1, max: 1 << 30 }),
  })
  .map(({ encoding, width, height, extra, seed }) => {
    const even = encoding === 'nv12' || encoding === 'yuyv';
    const w = even ? width * 2 : width;
    const h = encoding === 'nv12' ? height * 2 : height;
    const row = w * { rgb8: 3, bgr8: 3, mono8: 1, nv12: 1, yuyv: 2, jpeg: 0 }[encoding];
    const rows = encoding === 'nv12' ? h * 1.5 : h;
    let state = seed;
    const data = Uint8Array.from({ length: (row + extra) * (rows - 1) + row }, () => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return state >>> 24;
    });
    return image(encoding, w, h, data, row + extra);
  });

describe('letterboxGeometry', () => {
  it('centres a wide frame as Ultralytics does, with the odd pixel of pad below', () => {
    expect(letterboxGeometry(contract({ width: 640, height: 640 }), 1920, 1080)).toEqual({
      scaleX: 1 / 3,
      scaleY: 1 / 3,
      offsetX: 0,
      offsetY: 140,
      resizedWidth: 640,
      resizedHeight: 360,
    });
    expect(letterboxGeometry(contract(), 32, 31)).toMatchObject({ offsetY: 0, resizedHeight: 31 });
  });

  it('puts the frame at the top left or stretches it when the model was trained so', () => {
    expect(letterboxGeometry(contract({ fit: 'top-left' }), 64, 32)).toMatchObject({
      offsetX: 0,
      offsetY: 0,
      resizedHeight: 16,
    });
    expect(letterboxGeometry(contract({ fit: 'stretch' }), 64, 16)).toMatchObject({
      scaleX: 0.5,
      scaleY: 2,
      resizedHeight: 32,
    });
  });

  it('keeps at least one pixel of a frame that is a thread', () => {
    expect(letterboxGeometry(contract(), 10_000, 1)).toMatchObject({ resizedWidth: 32, resizedHeight: 1 });
  });
});

describe('letterbox', () => {
  it('agrees with the definition within one grey level for every encoding, size, step, fit and layout', () => {
    fc.assert(
      fc.property(
        pictures,
        fc.constantFrom(...fitNames),
        fc.constantFrom('nchw', 'nhwc') as fc.Arbitrary<InputContract['layout']>,
        fc.constantFrom('rgb', 'bgr') as fc.Arbitrary<InputContract['colorOrder']>,
        fc.constantFrom([32, 32], [24, 40], [41, 9]),
        (picture, fit, layout, colorOrder, [width, height]) => {
          const input = contract({ fit, layout, colorOrder, width: width!, height: height! });
          const out = new Float32Array(width! * height! * 3);
          letterbox(picture, input, out);
          const expected = reference(picture, input);
          for (const [i, value] of expected.entries()) {
            // YUV: the real coefficients of the reference differ by up to one level before blending.
            const tolerance = picture.encoding === 'nv12' || picture.encoding === 'yuyv' ? 1.6 : 0.6;
            if (!(Math.abs(value - out[i]!) <= tolerance)) expect(out[i]).toBeCloseTo(value, 1);
          }
        },
      ),
      { numRuns: 150, seed: 7 },
    );
  });

  it('copies a frame of the input size exactly and normalises per channel', () => {
    const data = Uint8Array.from({ length: 32 * 32 * 3 }, (_, i) => i % 256);
    const input = contract({
      scale: 1 / 255,
      mean: [0.485, 0.456, 0.406],
      std: [0.229, 0.224, 0.225],
      layout: 'nhwc',
    });
    const out = new Float32Array(data.length);
    letterbox(image('rgb8', 32, 32, data), input, out);
    for (const [i, pixel] of data.entries()) {
      expect(out[i]).toBeCloseTo((pixel / 255 - input.mean[i % 3]!) / input.std[i % 3]!, 5);
    }
  });

  it('fills uint8 and float16 tensors', () => {
    const data = new Uint8Array(32 * 32 * 3).fill(200);
    const bytes = new Letterboxer(contract({ dtype: 'uint8' }));
    const out = bytes.allocate();
    bytes.run(image('rgb8', 32, 32, data), out);
    expect(out).toEqual(new Uint8Array(32 * 32 * 3).fill(200));
    const half = new Letterboxer(contract({ dtype: 'float16', scale: 1 / 255, mean: [0.5, 0.5, 0.5] }));
    const bits = half.allocate();
    half.run(image('rgb8', 32, 32, new Uint8Array(32 * 32 * 3).fill(255)), bits);
    expect(bits[0]).toBe(0x3800); // 0.5
    half.run(image('rgb8', 32, 32, new Uint8Array(32 * 32 * 3)), bits);
    expect(bits[0]).toBe(0xb800); // -0.5
  });

  it.each(['nchw', 'nhwc'] as const)(
    'fills one grey channel with the luma of every encoding: %s',
    (layout) => {
      const of = (encoding: 'rgb8' | 'bgr8' | 'mono8', pixel: readonly number[]) => {
        const boxer = new Letterboxer(contract({ colorOrder: 'grey', layout, scale: 1, dtype: 'int32' }));
        const out = boxer.allocate();
        expect(out).toHaveLength(boxer.input.width * boxer.input.height);
        const data = Uint8Array.from({ length: 32 * 16 * pixel.length }, (_, i) => pixel[i % pixel.length]!);
        boxer.run(image(encoding, 32, 16, data), out);
        // The pad above, and the picture.
        return [out[0], out[out.length / 2]];
      };
      // cv2.cvtColor(..., COLOR_RGB2GRAY) of 200, 100, 50.
      expect(of('rgb8', [200, 100, 50])).toEqual([114, 124]);
      expect(of('bgr8', [50, 100, 200])).toEqual([114, 124]);
      expect(of('mono8', [77])).toEqual([114, 77]);
    },
  );

  it('leaves nothing of the frame before in a reused tensor, also when cameras of several sizes take turns', () => {
    const boxer = new Letterboxer(contract());
    const out = boxer.allocate();
    const sizes = [
      [40, 8],
      [8, 40],
      [32, 32],
      [5, 5],
    ] as const;
    for (let turn = 0; turn < 12; turn++) {
      const [width, height] = sizes[turn % 4]!;
      const picture = image(
        'mono8',
        width + (turn > 7 ? turn : 0),
        height,
        new Uint8Array(2000).fill(turn * 10),
      );
      boxer.run(picture, out);
      const fresh = boxer.allocate();
      letterbox(picture, boxer.input, fresh);
      expect(out).toEqual(fresh);
    }
  });

  it('refuses a tensor of another size', () => {
    expect(() =>
      letterbox(image('mono8', 4, 4, new Uint8Array(16)), contract(), new Float32Array(5)),
    ).toThrow(/5 values/);
  });
});

describe('checkImage', () => {
  const bytes = new Uint8Array(100);
  it.each([
    ['an empty picture', image('rgb8', 0, 0, bytes), 'frame-size', /0x0/],
    ['a negative side', image('rgb8', -4, 4, bytes), 'frame-size', /-4x4/],
    ['a broken side', image('rgb8', 2.5, 4, bytes), 'frame-size', /2\.5/],
    ['a side of NaN', image('rgb8', Number.NaN, 4, bytes), 'frame-size', /NaN/],
    ['a huge picture', image('rgb8', 20_000, 20_000, bytes), 'frame-size', /20000x20000/],
    [
      'a buffer shorter than its header',
      image('rgb8', 10, 10, bytes),
      'frame-short',
      /needs 300 bytes.*holds 100/,
    ],
    ['a chroma plane that is missing', image('nv12', 10, 10, bytes), 'frame-short', /needs 150/],
    ['a step shorter than the row', image('rgb8', 5, 2, bytes, 14), 'frame-step', /14 bytes per row.*15/],
    ['a step of NaN', image('mono8', 5, 2, bytes, Number.NaN), 'frame-step', /NaN/],
    ['an odd width in yuyv', image('yuyv', 5, 2, bytes), 'frame-size', /even/],
    ['an odd height in nv12', image('nv12', 4, 3, bytes), 'frame-size', /height must be even/],
    ['a frame that is still jpeg', image('jpeg', 5, 2, bytes), 'frame-encoding', /jpeg/],
    ['an unknown encoding', image('rgba16' as Encoding, 5, 2, bytes, 50), 'frame-encoding', /rgba16/],
  ])('refuses %s and says what to do', (_, picture, code, message) => {
    expect(() => checkImage(picture)).toThrow(message);
    try {
      checkImage(picture);
    } catch (error) {
      expect(error).toMatchObject({ code, remedy: expect.stringMatching(/\w{3}/) });
    }
  });

  it('accepts a last row that is not padded', () => {
    expect(() => checkImage(image('rgb8', 3, 3, new Uint8Array(20 * 2 + 9), 20))).not.toThrow();
    expect(() => checkImage(image('rgb8', 3, 3, new Uint8Array(20 * 2 + 8), 20))).toThrow(/cut off|needs 49/);
  });

  it('never lets a header with any numbers crash the letterbox in another way than an InputError', () => {
    fc.assert(
      fc.property(
        fc.record({
          encoding: fc.constantFrom<Encoding>('rgb8', 'bgr8', 'mono8', 'nv12', 'yuyv', 'jpeg'),
          width: fc.oneof(fc.integer({ min: -2, max: 50 }), fc.double()),
          height: fc.oneof(fc.integer({ min: -2, max: 50 }), fc.double()),
          step: fc.oneof(fc.integer({ min: -2, max: 200 }), fc.double()),
          data: fc.uint8Array({ maxLength: 4000 }),
        }),
        (picture) => {
          const boxer = new Letterboxer(contract({ width: 16, height: 16 }));
          const out = boxer.allocate().fill(Number.NaN);
          try {
            boxer.run(picture, out);
          } catch (error) {
            expect(error).toMatchObject({ name: 'InputError' });
            return;
          }
          expect([...out].every(Number.isFinite)).toBe(true);
        },
      ),
      { numRuns: 300, seed: 11 },
    );
  });
});
