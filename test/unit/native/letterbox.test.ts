import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadNative } from '../../../native/index.ts';
import { fitNames, type InputContract } from '../../../src/model/index.ts';
import { type Encoding, type Image, Letterboxer } from '../../../src/perception/index.ts';
import { nativeMissing, titled } from '../../conformance/native-build.ts';

const why = nativeMissing();

type Raw = Exclude<Encoding, 'jpeg'>;

/** A picture of random bytes with padding after each row; yuv sides are made even, as the reference wants them. */
function picture(encoding: Raw, width: number, height: number, extra: number, seed: number): Image {
  const w = encoding === 'nv12' || encoding === 'yuyv' ? width + (width % 2) : width;
  const h = encoding === 'nv12' ? height + (height % 2) : height;
  const perPixel = { rgb8: 3, bgr8: 3, mono8: 1, nv12: 1, yuyv: 2 }[encoding];
  const step = w * perPixel + extra;
  const rows = encoding === 'nv12' ? h * 1.5 : h;
  // Ends with the last pixel, not with the last row's padding.
  const data = new Uint8Array(step * (rows - 1) + w * perPixel);
  let state = seed | 1;
  for (let i = 0; i < data.length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    data[i] = state >>> 24;
  }
  return { data, width: w, height: h, step, encoding };
}

const pictures = fc.record({
  encoding: fc.constantFrom<Raw>('rgb8', 'bgr8', 'mono8', 'nv12', 'yuyv'),
  width: fc.integer({ min: 1, max: 150 }),
  height: fc.integer({ min: 1, max: 150 }),
  extra: fc.integer({ min: 0, max: 40 }),
  seed: fc.integer(),
});

const inputs = fc.record({
  tensor: fc.constant('images'),
  width: fc.integer({ min: 8, max: 120 }),
  height: fc.integer({ min: 8, max: 120 }),
  layout: fc.constantFrom<InputContract['layout']>('nchw', 'nhwc'),
  dtype: fc.constantFrom<InputContract['dtype']>('float32', 'float16', 'uint8', 'int32'),
  colorOrder: fc.constantFrom<InputContract['colorOrder']>('rgb', 'bgr', 'grey'),
  fit: fc.constantFrom(...fitNames),
  pad: fc.integer({ min: 0, max: 255 }),
});

/** As grey levels: what one step of an 8-bit pixel becomes is the unit of the comparison. */
function contract(base: Omit<InputContract, 'scale' | 'mean' | 'std'>, normal: boolean): InputContract {
  if (base.dtype === 'uint8' || base.dtype === 'int32' || !normal)
    return { ...base, scale: 1, mean: [0, 0, 0], std: [1, 1, 1] };
  return { ...base, scale: 1 / 255, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
}

function bytesOf(tensor: ArrayBufferView): Uint8Array {
  return new Uint8Array(tensor.buffer, tensor.byteOffset, tensor.byteLength);
}

function half(bits: number): number {
  const fraction = bits & 0x3ff;
  const exponent = (bits >> 10) & 0x1f;
  const value = exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15);
  return bits & 0x8000 ? -value : value;
}

function run(image: Image, input: InputContract, simd: 'best' | 'scalar') {
  const out = new Letterboxer(input).allocate();
  const geometry = loadNative().letterbox(image, input, simd, bytesOf(out));
  return { out, geometry };
}

describe.skipIf(why !== undefined)(titled('native letterbox', why), () => {
  it('agrees with the TypeScript reference within one grey level, whatever the size, encoding and type', () => {
    fc.assert(
      fc.property(pictures, inputs, fc.boolean(), (p, base, normal) => {
        const image = picture(p.encoding, p.width, p.height, p.extra, p.seed);
        const input = contract(base, normal);
        const expected = new Letterboxer(input).allocate();
        const plan = new Letterboxer(input).run(image, expected);
        const { out, geometry } = run(image, input, 'best');
        expect(geometry).toMatchObject({
          left: plan.offsetX,
          top: plan.offsetY,
          width: plan.resizedWidth,
          height: plan.resizedHeight,
        });
        const plane = input.width * input.height;
        for (let i = 0; i < out.length; i++) {
          const place = input.layout === 'nchw' ? Math.floor(i / plane) : i % 3;
          const channel = input.colorOrder === 'grey' ? 0 : place;
          const level = input.scale / input.std[channel]!;
          const value = (raw: number) => (input.dtype === 'float16' ? half(raw) : raw);
          const a = value(out[i]!);
          const b = value(expected[i]!);
          // A float16 near 255 is itself rounded to an eighth of a level.
          const slack = input.dtype === 'float16' ? 0.13 : 0.001;
          if (Math.abs(a - b) > level * (1 + slack)) {
            expect({ index: i, channel, native: a / level }).toEqual({
              index: i,
              channel,
              native: b / level,
            });
          }
        }
      }),
      { numRuns: 400, seed: 20_261 },
    );
  });

  it('gives the same bits with and without vector instructions', () => {
    fc.assert(
      fc.property(pictures, inputs, fc.boolean(), (p, base, normal) => {
        const image = picture(p.encoding, p.width, p.height, p.extra, p.seed);
        const input = contract(base, normal);
        const best = bytesOf(run(image, input, 'best').out);
        const scalar = bytesOf(run(image, input, 'scalar').out);
        expect(Buffer.compare(best, scalar)).toBe(0);
      }),
      { numRuns: 400, seed: 20_262 },
    );
  });

  it('fills the padding once if no other code writes to the destination, and again for another size', () => {
    fc.assert(
      fc.property(fc.array(pictures, { minLength: 2, maxLength: 6 }), inputs, (list, base) => {
        const input = contract(base, true);
        const images = list.map((p) => picture(p.encoding, p.width, p.height, p.extra, p.seed));
        const alone = images.map((image) => Buffer.from(bytesOf(run(image, input, 'scalar').out)));
        const kept = new Letterboxer(input).allocate();
        // One after the other: the addon keeps the last letterbox that was asked for.
        const together = images.flatMap((image) =>
          ['first', 'again'].map(() => {
            loadNative().letterbox(image, input, 'best', bytesOf(kept), true);
            return Buffer.from(bytesOf(kept));
          }),
        );
        for (const [i, bytes] of together.entries())
          expect(bytes.equals(alone[Math.floor(i / 2)]!), `call ${i}`).toBe(true);
      }),
      { numRuns: 60, seed: 4 },
    );
  });

  it('rounds to int8 half up and saturates', () => {
    const data = Uint8Array.from({ length: 256 * 3 }, (_, i) => Math.floor(i / 3));
    const image = { data, width: 256, height: 1, step: 768, encoding: 'rgb8' };
    const input = {
      tensor: 'x',
      width: 256,
      height: 8,
      layout: 'nchw',
      dtype: 'int8',
      colorOrder: 'rgb',
      scale: 1.5,
      mean: [128, 128, 128],
      std: [1, 1, 1],
      fit: 'stretch',
      pad: 0,
    } as const;
    const out = new Int8Array(256 * 8 * 3);
    loadNative().letterbox(image, input, 'best', bytesOf(out));
    const expected = Array.from({ length: 256 }, (_, i) =>
      Math.min(127, Math.max(-128, Math.floor(i * 1.5 - 128 + 0.5))),
    );
    expect([...out.subarray(0, 256)]).toEqual(expected);
  });

  it('reads yuv pictures with odd sides, whose last chroma sample serves one pixel', () => {
    const nv12 = new Uint8Array(4 * 3 + 4 * 2).fill(128);
    const image = { data: nv12, width: 3, height: 3, step: 4, encoding: 'nv12' };
    const input = contract(
      {
        tensor: 'x',
        width: 9,
        height: 9,
        layout: 'nchw',
        dtype: 'float32',
        colorOrder: 'rgb',
        fit: 'stretch',
        pad: 0,
      },
      false,
    );
    const out = new Float32Array(9 * 9 * 3);
    loadNative().letterbox(image, input, 'best', bytesOf(out));
    for (const value of out) expect(value).toBeCloseTo(130, 0);
  });

  it.each([
    [
      'a buffer one byte short',
      { data: new Uint8Array(10 * 30 - 1) },
      /needs 300 bytes, but its buffer has 299/,
    ],
    ['a step smaller than a row', { step: 29 }, /29 bytes a row, but a row needs 30/],
    ['no pixels', { width: 0 }, /has no pixels/],
    ['an absurd side', { width: 20_000, step: 60_000 }, /larger than 16384/],
  ])('refuses %s', (_, change, message) => {
    const image = { data: new Uint8Array(300), width: 10, height: 10, step: 30, encoding: 'rgb8', ...change };
    const input = contract(
      {
        tensor: 'x',
        width: 8,
        height: 8,
        layout: 'nchw',
        dtype: 'float32',
        colorOrder: 'rgb',
        fit: 'center',
        pad: 0,
      },
      false,
    );
    const call = () => loadNative().letterbox(image, input, 'best', new Uint8Array(8 * 8 * 3 * 4));
    expect(call).toThrow(message);
    expect(call).toThrow(expect.objectContaining({ code: 'native-bad-frame' }));
  });
});
