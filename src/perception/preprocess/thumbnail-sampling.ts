import type { Image } from './image.ts';
import { detailScale, thumbnailHeight, thumbnailWidth } from './thumbnail-grid.ts';

/** What one pass over the sampled places of a frame gives. */
export interface Samples {
  readonly grey: Uint8Array;
  readonly detail: Uint8Array;
  /** Sums over all samples, and of largest minus smallest channel. */
  readonly red: number;
  readonly green: number;
  readonly blue: number;
  readonly spread: number;
  readonly hash: number;
}

const hashStart = 0x811c9dc5;
const hashStep = 0x01000193;

/** Places of the samples, in bytes: two per cell along each axis. */
interface Grid {
  readonly columns: Int32Array;
  readonly rows: Int32Array;
}

function gridOf({ width, height, step }: Image, bytesApart: number): Grid {
  return {
    columns: positions(width, thumbnailWidth, 1).map((x) => x * bytesApart),
    rows: positions(height, thumbnailHeight, 0).map((y) => y * step),
  };
}

/** Two places within each of `cells` equal parts of `length` pixels, `border` pixels away from the ends. */
function positions(length: number, cells: number, border: number): Int32Array {
  const out = new Int32Array(cells * 2);
  for (let i = 0; i < out.length; i++) {
    const at = Math.floor(((i + 0.5) * length) / out.length);
    out[i] = Math.min(Math.max(at, border), length - 1 - border);
  }
  return out;
}

/**
 * rgb8 and bgr8. Everything is a local number and each encoding has a loop of its own. No branch hangs on a pixel, since
 * noise can't be predicted: on a noisy picture that halves the time.
 */
export function samplePacked(image: Image): Samples {
  const { data } = image;
  const { columns, rows } = gridOf(image, 3);
  const grey = new Uint8Array(thumbnailWidth * thumbnailHeight);
  const detail = new Uint8Array(grey.length);
  const weightA = image.encoding === 'rgb8' ? 77 : 29;
  const weightC = 106 - weightA;
  let first = 0;
  let second = 0;
  let third = 0;
  let spread = 0;
  let hash = hashStart;
  for (let cy = 0, cell = 0; cy < thumbnailHeight; cy++) {
    const upper = rows[cy * 2]!;
    const lower = rows[cy * 2 + 1]!;
    for (let cx = 0; cx < thumbnailWidth; cx++, cell++) {
      let sumA = 0;
      let sumB = 0;
      let sumC = 0;
      let curve = 0;
      let apart = 0;
      for (let sample = 0; sample < 4; sample++) {
        const at = (sample < 2 ? upper : lower) + columns[cx * 2 + (sample & 1)]!;
        const a = data[at]!;
        const b = data[at + 1]!;
        const c = data[at + 2]!;
        // Green carries the detail of colour sensors.
        curve += size(2 * b - data[at - 2]! - data[at + 4]!);
        hash = Math.imul(hash ^ b, hashStep);
        sumA += a;
        sumB += b;
        sumC += c;
        apart += size(a - b) + size(b - c) + size(c - a);
      }
      first += sumA;
      second += sumB;
      third += sumC;
      // The largest of three is above the smallest by half of what their differences add up to.
      spread += apart >> 1;
      grey[cell] = (weightA * sumA + 150 * sumB + weightC * sumC) >> 10;
      detail[cell] = Math.min(255, (curve * detailScale) >> 2);
    }
  }
  const [red, blue] = image.encoding === 'rgb8' ? [first, third] : [third, first];
  return { grey, detail, red, green: second, blue, spread, hash: hash >>> 0 };
}

/** mono8, nv12 and yuyv: the luma is there as it is; colour, where there is any, as BT.601 in limited range. */
export function sampleLuma(image: Image): Samples {
  const { data, step, height, encoding } = image;
  const apart = encoding === 'yuyv' ? 2 : 1;
  const { columns, rows } = gridOf(image, apart);
  const grey = new Uint8Array(thumbnailWidth * thumbnailHeight);
  const detail = new Uint8Array(grey.length);
  let red = 0;
  let green = 0;
  let blue = 0;
  let spread = 0;
  let hash = hashStart;
  for (let cy = 0, cell = 0; cy < thumbnailHeight; cy++) {
    for (let cx = 0; cx < thumbnailWidth; cx++, cell++) {
      let luma = 0;
      let curve = 0;
      for (let sample = 0; sample < 4; sample++) {
        const row = rows[cy * 2 + (sample >> 1)]!;
        const column = columns[cx * 2 + (sample & 1)]!;
        const at = row + column;
        const middle = data[at]!;
        curve += size(2 * middle - data[at - apart]! - data[at + apart]!);
        hash = Math.imul(hash ^ middle, hashStep);
        luma += middle;
        // One look at the colour of a cell is enough for a mean over all of them.
        if (sample > 0 || encoding === 'mono8') continue;
        const pair =
          encoding === 'nv12'
            ? (height + ((row / step) >> 1)) * step + (column & ~1)
            : row + (column >> 2) * 4 + 1;
        const u = data[pair]! - 128;
        const v = data[pair + (encoding === 'nv12' ? 1 : 2)]! - 128;
        const base = 1.164 * (middle - 16);
        const r = clip(base + 1.596 * v);
        const g = clip(base - 0.813 * v - 0.391 * u);
        const b = clip(base + 2.018 * u);
        red += 4 * r;
        green += 4 * g;
        blue += 4 * b;
        spread += 4 * (Math.max(r, g, b) - Math.min(r, g, b));
      }
      grey[cell] = luma >> 2;
      detail[cell] = Math.min(255, (curve * detailScale) >> 2);
      if (encoding === 'mono8') {
        red += luma;
        green += luma;
        blue += luma;
      }
    }
  }
  return { grey, detail, red, green, blue, spread, hash: hash >>> 0 };
}

/** |value| of a whole number, without a branch. */
function size(value: number): number {
  const sign = value >> 31;
  return (value ^ sign) - sign;
}

function clip(value: number): number {
  return Math.min(255, Math.max(0, value));
}
