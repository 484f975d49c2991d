import { InputError } from '../../base/index.ts';
import { checkImage, type Image } from '../../perception/index.ts';

/** Cells of a thumbnail. */
export const thumbnailWidth = 64;
export const thumbnailHeight = 36;
export const thumbnailCells = thumbnailWidth * thumbnailHeight;

/** `detail` is stored times this. */
export const detailScale = 2;

/** What the health of a sensor is judged by: one small picture and a few sums of a frame. */
export interface Thumbnail {
  /** Mean luma of every cell, 0..255, row by row, `thumbnailWidth` x `thumbnailHeight`. */
  readonly grey: Uint8Array;
  /**
   * Mean |g(x-1) - 2 g(x) + g(x+1)| of every cell at the frame's own resolution, times `detailScale`, at most 255.
   * Fine detail and noise are lost in a small picture, so they are measured before it is made small.
   */
  readonly detail: Uint8Array;
  /** Mean colour, 0..1. */
  readonly red: number;
  readonly green: number;
  readonly blue: number;
  /** Mean of (largest - smallest channel), 0..1. */
  readonly chroma: number;
  /** Of the sampled bytes, noise included: two pictures of a living sensor do not have the same. */
  readonly hash: number;
}

const bytesApart = { rgb8: 3, bgr8: 3, mono8: 1, nv12: 1, yuyv: 2 } as const;

/**
 * Samples four places of every cell, whatever the size of the frame; at 640 x 360 some 0.1 ms. Throws an InputError for
 * a frame that can't be read, jpeg among them.
 */
export function thumbnail(image: Image): Thumbnail {
  checkImage(image);
  const { data, width, height, step, encoding } = image;
  if (encoding === 'jpeg') {
    throw new InputError(
      'frame-encoding',
      'The frame is still compressed.',
      'Decode it before it is judged.',
    );
  }
  if (width < 3) {
    throw new InputError('frame-size', `The frame is ${width} pixels wide.`, 'At least 3 are needed.');
  }
  const apart = bytesApart[encoding];
  const packed = apart === 3;
  const grey = new Uint8Array(thumbnailCells);
  const detail = new Uint8Array(thumbnailCells);
  const columns = positions(width, thumbnailWidth, 1);
  const rows = positions(height, thumbnailHeight, 0);
  const sums = new Float64Array(4);
  let hash = 0x811c9dc5;
  // Green carries the detail of colour sensors; the other encodings hold the luma itself.
  const fine = packed ? 1 : 0;
  for (let cy = 0, cell = 0; cy < thumbnailHeight; cy++) {
    for (let cx = 0; cx < thumbnailWidth; cx++, cell++) {
      let luma = 0;
      let curve = 0;
      for (let sample = 0; sample < 4; sample++) {
        const x = columns[cx * 2 + (sample & 1)]!;
        const y = rows[cy * 2 + (sample >> 1)]!;
        const at = y * step + x * apart;
        const middle = data[at + fine]!;
        curve += Math.abs(2 * middle - data[at + fine - apart]! - data[at + fine + apart]!);
        hash = Math.imul(hash ^ middle, 0x01000193);
        if (packed) {
          const a = data[at]!;
          const c = data[at + 2]!;
          luma += (encoding === 'rgb8' ? 77 * a + 29 * c : 77 * c + 29 * a) + 150 * middle;
          sums[0]! += a;
          sums[1]! += middle;
          sums[2]! += c;
          sums[3]! += Math.max(a, middle, c) - Math.min(a, middle, c);
        } else {
          luma += middle * 256;
          if (encoding !== 'mono8') addChroma(image, x, y, middle, sums);
        }
      }
      grey[cell] = luma >> 10;
      detail[cell] = Math.min(255, (curve * detailScale) >> 2);
    }
  }
  return { grey, detail, ...colour(encoding, sums, grey), hash: hash >>> 0 };
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

function addChroma(image: Image, x: number, y: number, luma: number, sums: Float64Array): void {
  const { data, step, height, encoding } = image;
  const at = encoding === 'nv12' ? (height + (y >> 1)) * step + (x & ~1) : y * step + (x >> 1) * 4 + 1;
  const u = data[at]! - 128;
  const v = data[at + (encoding === 'nv12' ? 1 : 2)]! - 128;
  // BT.601, limited range.
  const base = 1.164 * (luma - 16);
  const r = clip(base + 1.596 * v);
  const g = clip(base - 0.813 * v - 0.391 * u);
  const b = clip(base + 2.018 * u);
  sums[0]! += r;
  sums[1]! += g;
  sums[2]! += b;
  sums[3]! += Math.max(r, g, b) - Math.min(r, g, b);
}

function clip(value: number): number {
  return Math.min(255, Math.max(0, value));
}

function colour(
  encoding: Image['encoding'],
  sums: Float64Array,
  grey: Uint8Array,
): Pick<Thumbnail, 'red' | 'green' | 'blue' | 'chroma'> {
  if (encoding === 'mono8') {
    let sum = 0;
    for (const value of grey) sum += value;
    const mean = sum / (255 * grey.length);
    return { red: mean, green: mean, blue: mean, chroma: 0 };
  }
  const scale = 1 / (255 * 4 * thumbnailCells);
  const [first, second, third, spread] = [
    sums[0]! * scale,
    sums[1]! * scale,
    sums[2]! * scale,
    sums[3]! * scale,
  ];
  return encoding === 'bgr8'
    ? { red: third, green: second, blue: first, chroma: spread }
    : { red: first, green: second, blue: third, chroma: spread };
}
