import type { Random } from '../../../../src/drift/random.ts';

/** rgb8 without padding. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

export function like({ width, height }: Pixels): Pixels {
  return { width, height, data: new Uint8Array(width * height * 3) };
}

/** One curve for every channel, or one each. */
export function throughCurve(picture: Pixels, curve: (value: number, channel: number) => number): Pixels {
  const tables = [0, 1, 2].map((channel) =>
    Uint8ClampedArray.from({ length: 256 }, (_, value) => curve(value, channel)),
  );
  const out = like(picture);
  const { data } = picture;
  for (let i = 0; i < data.length; i += 3)
    for (let c = 0; c < 3; c++) out.data[i + c] = tables[c]![data[i + c]!]!;
  return out;
}

/** Every pixel from where `from` says, in pixels; outside is black. */
export function warped(picture: Pixels, from: (x: number, y: number) => readonly [number, number]): Pixels {
  const out = like(picture);
  const { width, height, data } = picture;
  for (let y = 0, at = 0; y < height; y++)
    for (let x = 0; x < width; x++, at += 3) {
      const [sx, sy] = from(x, y);
      const x0 = Math.floor(sx);
      const y0 = Math.floor(sy);
      if (x0 < 0 || y0 < 0 || x0 >= width - 1 || y0 >= height - 1) continue;
      const fx = sx - x0;
      const fy = sy - y0;
      const a = (y0 * width + x0) * 3;
      const b = a + width * 3;
      for (let c = 0; c < 3; c++) {
        const upper = data[a + c]! * (1 - fx) + data[a + 3 + c]! * fx;
        const lower = data[b + c]! * (1 - fx) + data[b + 3 + c]! * fx;
        out.data[at + c] = upper * (1 - fy) + lower * fy;
      }
    }
  return out;
}

/** Mean over `2 radius + 1` pixels along a row (`dx` 1) or a column, by running sums; the borders repeat. */
function boxed(
  data: Float32Array,
  width: number,
  height: number,
  radius: number,
  along: 'x' | 'y',
): Float32Array {
  const out = new Float32Array(data.length);
  const [lines, length] = along === 'x' ? [height, width] : [width, height];
  const [lineStep, step] = along === 'x' ? [width * 3, 3] : [3, width * 3];
  const span = 2 * radius + 1;
  for (let line = 0; line < lines; line++)
    for (let c = 0; c < 3; c++) {
      const start = line * lineStep + c;
      const value = (i: number) => data[start + Math.min(length - 1, Math.max(0, i)) * step]!;
      let sum = 0;
      for (let i = -radius; i <= radius; i++) sum += value(i);
      for (let i = 0; i < length; i++) {
        out[start + i * step] = sum / span;
        sum += value(i + radius + 1) - value(i - radius);
      }
    }
  return out;
}

/** Two boxes along each axis: near a lens out of focus. Whole pixels. */
export function blurred(picture: Pixels, radiusX: number, radiusY = radiusX): Pixels {
  const { width, height } = picture;
  let data: Float32Array = Float32Array.from(picture.data);
  for (let round = 0; round < 2; round++) {
    if (radiusX > 0) data = boxed(data, width, height, radiusX, 'x');
    if (radiusY > 0) data = boxed(data, width, height, radiusY, 'y');
  }
  return { width, height, data: Uint8Array.from(data) };
}

/** One mean along a row: a camera that sways while it exposes. */
export function swept(picture: Pixels, radius: number): Pixels {
  const { width, height } = picture;
  const data = boxed(Float32Array.from(picture.data), width, height, radius, 'x');
  return { width, height, data: Uint8Array.from(data) };
}

export function noisy(picture: Pixels, deviation: number, random: Random): Pixels {
  const table = noiseTable;
  const out = like(picture);
  const { data } = picture;
  const from = random.below(table.length);
  for (let i = 0; i < data.length; i++) {
    const value = data[i]! + deviation * table[(from + i) & (table.length - 1)]!;
    out.data[i] = value < 0 ? 0 : Math.min(value, 255);
  }
  return out;
}

/** `over` lies on the picture with `share` at every pixel, 0..1. */
export function covered(
  picture: Pixels,
  share: (x: number, y: number) => number,
  over: (x: number, y: number, channel: number) => number,
): Pixels {
  const out = like(picture);
  const { width, height, data } = picture;
  for (let y = 0, at = 0; y < height; y++)
    for (let x = 0; x < width; x++, at += 3) {
      const part = share(x, y);
      for (let c = 0; c < 3; c++)
        out.data[at + c] = part === 0 ? data[at + c]! : data[at + c]! * (1 - part) + over(x, y, c) * part;
    }
  return out;
}

/** Circles that stay where they are, for as long as `random` begins the same. */
export function blobs(
  random: Random,
  count: number,
  { width, height }: Pixels,
  radius: number,
): Float32Array {
  const field = new Float32Array(width * height);
  for (let n = 0; n < count; n++) {
    const [cx, cy] = [random.next() * width, random.next() * height];
    const r = radius * (0.5 + random.next());
    for (let y = Math.max(0, Math.floor(cy - r)); y < Math.min(height, cy + r); y++)
      for (let x = Math.max(0, Math.floor(cx - r)); x < Math.min(width, cx + r); x++) {
        const inside = 1 - Math.hypot(x - cx, y - cy) / r;
        if (inside > 0) field[y * width + x] = Math.max(field[y * width + x]!, Math.min(1, 2.5 * inside));
      }
  }
  return field;
}

/** Normal numbers, made once: drawing 600 000 per picture would take longer than the network. */
const noiseTable = Float32Array.from({ length: 1 << 20 }, (_, i) => {
  const u = (Math.sin(i * 12.9898 + 0.1) * 43758.5453) % 1;
  const v = (Math.sin(i * 78.233 + 0.7) * 12543.8541) % 1;
  return Math.sqrt(-2 * Math.log(Math.abs(u) + 1e-9)) * Math.cos(2 * Math.PI * Math.abs(v));
});
