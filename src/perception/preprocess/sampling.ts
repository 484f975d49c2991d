import type { Image } from './image.ts';

/** Fixed point as in OpenCV's resize: weights of 11 bits, so that two blends of 8 bits still fit 31 bits. */
export const weightBits = 11;
const one = 1 << weightBits;

/** For every output position along one axis: the two source positions and the weight of the second, of 2048. */
export interface Taps {
  readonly first: Int32Array;
  readonly second: Int32Array;
  readonly weight: Int32Array;
}

/** Bilinear with half-pixel centres and clamped borders (OpenCV INTER_LINEAR). */
export function linearTaps(source: number, target: number): Taps {
  const first = new Int32Array(target);
  const second = new Int32Array(target);
  const weight = new Int32Array(target);
  const ratio = source / target;
  for (let i = 0; i < target; i++) {
    const centre = (i + 0.5) * ratio - 0.5;
    const left = Math.floor(centre);
    const inside = left >= 0 && left < source - 1;
    const clamped = Math.min(Math.max(left, 0), source - 1);
    first[i] = clamped;
    second[i] = inside ? left + 1 : clamped;
    weight[i] = inside ? Math.round((centre - left) * one) : 0;
  }
  return { first, second, weight };
}

/**
 * Resizes one source row along x into `out`: r, g, b interleaved, each 0..255 * 2048. YUV is converted before it is
 * blended, as cvtColor followed by resize does; after clipping the order matters.
 */
export type RowSampler = (image: Image, y: number, taps: Taps, out: Int32Array) => void;

/** Three interleaved bytes per pixel, in whatever colour order. */
const packed: RowSampler = ({ data, step }, y, { first, second, weight }, out) => {
  const base = y * step;
  let o = 0;
  for (let x = 0; x < first.length; x++) {
    const a = base + first[x]! * 3;
    const w = weight[x]!;
    if (w === 0) {
      out[o] = data[a]! << weightBits;
      out[o + 1] = data[a + 1]! << weightBits;
      out[o + 2] = data[a + 2]! << weightBits;
    } else {
      const b = base + second[x]! * 3;
      const v = one - w;
      out[o] = data[a]! * v + data[b]! * w;
      out[o + 1] = data[a + 1]! * v + data[b + 1]! * w;
      out[o + 2] = data[a + 2]! * v + data[b + 2]! * w;
    }
    o += 3;
  }
};

const mono: RowSampler = ({ data, step }, y, { first, second, weight }, out) => {
  const base = y * step;
  for (let x = 0, o = 0; x < first.length; x++, o += 3) {
    const w = weight[x]!;
    const value = data[base + first[x]!]! * (one - w) + data[base + second[x]!]! * w;
    out[o] = value;
    out[o + 1] = value;
    out[o + 2] = value;
  }
};

const clip = (value: number): number => (value < 0 ? 0 : Math.min(value, 255));

/** Adds one pixel of BT.601 limited range, with OpenCV's 20-bit coefficients, times `weight`. */
function addYuv(luma: number, u: number, v: number, weight: number, out: Int32Array, o: number): void {
  const y = luma <= 16 ? 0 : (luma - 16) * 1_220_542;
  const cb = u - 128;
  const cr = v - 128;
  const half = 1 << 19;
  out[o]! += clip((y + half + 1_673_527 * cr) >> 20) * weight;
  out[o + 1]! += clip((y + half - 852_492 * cr - 409_993 * cb) >> 20) * weight;
  out[o + 2]! += clip((y + half + 2_116_026 * cb) >> 20) * weight;
}

const nv12: RowSampler = ({ data, step, height }, y, { first, second, weight }, out) => {
  const luma = y * step;
  const chroma = (height + (y >> 1)) * step;
  out.fill(0, 0, first.length * 3);
  for (let x = 0; x < first.length; x++) {
    const a = first[x]!;
    const w = weight[x]!;
    const ca = chroma + (a & ~1);
    addYuv(data[luma + a]!, data[ca]!, data[ca + 1]!, one - w, out, x * 3);
    if (w === 0) continue;
    const b = second[x]!;
    const cb = chroma + (b & ~1);
    addYuv(data[luma + b]!, data[cb]!, data[cb + 1]!, w, out, x * 3);
  }
};

/** Y0 U Y1 V for every two pixels. */
const yuyv: RowSampler = ({ data, step }, y, { first, second, weight }, out) => {
  const base = y * step;
  out.fill(0, 0, first.length * 3);
  for (let x = 0; x < first.length; x++) {
    const a = first[x]!;
    const w = weight[x]!;
    const pa = base + (a >> 1) * 4;
    addYuv(data[base + a * 2]!, data[pa + 1]!, data[pa + 3]!, one - w, out, x * 3);
    if (w === 0) continue;
    const b = second[x]!;
    const pb = base + (b >> 1) * 4;
    addYuv(data[base + b * 2]!, data[pb + 1]!, data[pb + 3]!, w, out, x * 3);
  }
};

/** Adds one pixel times `weight` to three sums; bgr8 stays in its order. */
export type PixelAdder = (image: Image, x: number, y: number, weight: number, out: Int32Array) => void;

const addPacked: PixelAdder = ({ data, step }, x, y, weight, out) => {
  const at = y * step + x * 3;
  out[0]! += data[at]! * weight;
  out[1]! += data[at + 1]! * weight;
  out[2]! += data[at + 2]! * weight;
};

export const pixelAdders = {
  rgb8: addPacked,
  bgr8: addPacked,
  mono8: ({ data, step }, x, y, weight, out) => {
    const value = data[y * step + x]! * weight;
    out[0]! += value;
    out[1]! += value;
    out[2]! += value;
  },
  nv12: ({ data, step, height }, x, y, weight, out) => {
    const chroma = (height + (y >> 1)) * step + (x & ~1);
    addYuv(data[y * step + x]!, data[chroma]!, data[chroma + 1]!, weight, out, 0);
  },
  yuyv: ({ data, step }, x, y, weight, out) => {
    const pair = y * step + (x >> 1) * 4;
    addYuv(data[y * step + x * 2]!, data[pair + 1]!, data[pair + 3]!, weight, out, 0);
  },
} as const satisfies Record<string, PixelAdder>;

export const rowSamplers = { rgb8: packed, bgr8: packed, mono8: mono, nv12, yuyv } as const;
