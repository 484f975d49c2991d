import { halfBits, InputError } from '../../base/index.ts';
import { channelsOf, type InputContract } from '../../model/index.ts';
import { type LetterboxGeometry, letterboxGeometry } from './geometry.ts';
import { checkImage, type Image } from './image.ts';
import { linearTaps, rowSamplers, type Taps, weightBits } from './sampling.ts';

/** The network's input as float32, uint8, int32, or the bits of float16. */
export type InputTensor = Float32Array | Uint8Array | Uint16Array | Int32Array;

interface ResizeTables {
  readonly geometry: LetterboxGeometry;
  readonly columns: Taps;
  readonly rows: Taps;
}

/** Cameras of different sizes that take turns keep their tables; a source that changes size all the time does not grow them. */
const maxTables = 8;

/**
 * One frame to the network's input: resize, pad, colour order, layout and normalisation in one pass over the output.
 * Every pixel is rounded to 8 bits before it is normalised, as resize on uint8 does, so a table of 256 values per
 * channel does the arithmetic. Tables and row buffers live as long as the Letterboxer; a frame allocates nothing.
 */
export class Letterboxer {
  readonly input: InputContract;
  readonly #resizeTables = new Map<string, ResizeTables>();
  readonly #tables: readonly [InputTensor, InputTensor, InputTensor];
  #upper: Int32Array;
  #lower: Int32Array;

  constructor(input: InputContract) {
    this.input = input;
    this.#tables = [normalTable(input, 0), normalTable(input, 1), normalTable(input, 2)];
    this.#upper = new Int32Array(input.width * 3);
    this.#lower = new Int32Array(input.width * 3);
  }

  /** Elements of the tensor that `run` fills. */
  get length(): number {
    return this.input.width * this.input.height * channelsOf(this.input);
  }

  /** A tensor of the contract's type, for one picture or several; keep and reuse it. */
  allocate(pictures = 1): InputTensor {
    const length = this.length * pictures;
    switch (this.input.dtype) {
      case 'float32':
        return new Float32Array(length);
      case 'float16':
        return new Uint16Array(length);
      case 'uint8':
        return new Uint8Array(length);
      case 'int32':
        return new Int32Array(length);
    }
  }

  /** Fills all of `out`, pad included. Throws an InputError for a frame that can't be read. */
  run(image: Image, out: InputTensor): LetterboxGeometry {
    checkImage(image);
    if (out.length !== this.length) {
      throw new InputError(
        'tensor-size',
        `The input tensor holds ${out.length} values; ${this.input.width}x${this.input.height}x${channelsOf(this.input)} needs ${this.length}.`,
        'Allocate it with Letterboxer.allocate().',
      );
    }
    const tables = this.#resizeTablesFor(image.width, image.height);
    this.#pad(tables.geometry, out);
    this.#resize(image, tables, out);
    return tables.geometry;
  }

  #resizeTablesFor(width: number, height: number): ResizeTables {
    const key = `${width}x${height}`;
    const known = this.#resizeTables.get(key);
    if (known) return known;
    const geometry = letterboxGeometry(this.input, width, height);
    const tables = {
      geometry,
      columns: linearTaps(width, geometry.resizedWidth),
      rows: linearTaps(height, geometry.resizedHeight),
    };
    const oldest = this.#resizeTables.keys().next();
    if (this.#resizeTables.size >= maxTables && !oldest.done) this.#resizeTables.delete(oldest.value);
    this.#resizeTables.set(key, tables);
    return tables;
  }

  #pad({ offsetX, offsetY, resizedWidth, resizedHeight }: LetterboxGeometry, out: InputTensor): void {
    const { width, height, layout, pad } = this.input;
    if (resizedWidth === width && resizedHeight === height) return;
    const fill = (channel: number, from: number, to: number) => {
      const value = this.#tables[channel as 0 | 1 | 2][pad]!;
      if (layout === 'nchw' || this.input.colorOrder === 'grey') {
        out.fill(value, channel * width * height + from, channel * width * height + to);
      } else {
        for (let i = from; i < to; i++) out[i * 3 + channel] = value;
      }
    };
    for (let channel = 0; channel < channelsOf(this.input); channel++) {
      fill(channel, 0, offsetY * width);
      fill(channel, (offsetY + resizedHeight) * width, height * width);
      if (resizedWidth === width) continue;
      for (let y = offsetY; y < offsetY + resizedHeight; y++) {
        fill(channel, y * width, y * width + offsetX);
        fill(channel, y * width + offsetX + resizedWidth, (y + 1) * width);
      }
    }
  }

  #resize(image: Image, { geometry, columns, rows }: ResizeTables, out: InputTensor): void {
    const { width, height, layout, colorOrder } = this.input;
    const sample = rowSamplers[image.encoding as Exclude<Image['encoding'], 'jpeg'>];
    const reversed = (image.encoding === 'bgr8') === (colorOrder === 'rgb') ? 2 : 0;
    const grey = colorOrder === 'grey';
    const planar = layout === 'nchw' || grey;
    const pixelStep = planar ? 1 : 3;
    const channelStep = planar ? width * height : 1;
    let upperRow = -1;
    let lowerRow = -1;
    for (let y = 0; y < geometry.resizedHeight; y++) {
      const first = rows.first[y]!;
      const second = rows.second[y]!;
      const weight = rows.weight[y]!;
      if (upperRow !== first) {
        if (lowerRow === first) {
          const swap = this.#upper;
          this.#upper = this.#lower;
          this.#lower = swap;
          lowerRow = upperRow;
        } else {
          sample(image, first, columns, this.#upper);
        }
        upperRow = first;
      }
      if (weight !== 0 && lowerRow !== second) {
        sample(image, second, columns, this.#lower);
        lowerRow = second;
      }
      const start = ((geometry.offsetY + y) * width + geometry.offsetX) * pixelStep;
      if (grey) {
        const red = image.encoding === 'bgr8' ? 2 : 0;
        const lower = weight === 0 ? this.#upper : this.#lower;
        blendGrey(this.#upper, lower, weight, red, geometry.resizedWidth, this.#tables[0], out, start);
        continue;
      }
      for (let channel = 0; channel < 3; channel++) {
        const source = Math.abs(reversed - channel);
        blendRow(
          this.#upper,
          weight === 0 ? this.#upper : this.#lower,
          weight,
          source,
          geometry.resizedWidth,
          this.#tables[channel as 0 | 1 | 2],
          out,
          start + channel * channelStep,
          pixelStep,
        );
      }
    }
  }
}

/** One channel of one output row: vertical blend, round to 8 bits, look the normalised value up. */
function blendRow(
  upper: Int32Array,
  lower: Int32Array,
  weight: number,
  channel: number,
  count: number,
  table: InputTensor,
  out: InputTensor,
  start: number,
  step: number,
): void {
  let o = start;
  const end = channel + count * 3;
  if (weight === 0) {
    const half = 1 << (weightBits - 1);
    for (let i = channel; i < end; i += 3, o += step) out[o] = table[(upper[i]! + half) >> weightBits]!;
    return;
  }
  const rest = (1 << weightBits) - weight;
  const half = 1 << (2 * weightBits - 1);
  for (let i = channel; i < end; i += 3, o += step) {
    out[o] = table[(upper[i]! * rest + lower[i]! * weight + half) >> (2 * weightBits)]!;
  }
}

/** The same of BT.601's luma, as cv2.cvtColor takes it. `red`: where it is among the three. */
function blendGrey(
  upper: Int32Array,
  lower: Int32Array,
  weight: number,
  red: number,
  count: number,
  table: InputTensor,
  out: InputTensor,
  start: number,
): void {
  const rest = (1 << weightBits) - weight;
  const half = 1 << (2 * weightBits - 1);
  const level = (i: number) => (upper[i]! * rest + lower[i]! * weight + half) >> (2 * weightBits);
  for (let x = 0, i = 0; x < count; x++, i += 3) {
    const luma = level(i + red) * 4899 + level(i + 1) * 9617 + level(i + 2 - red) * 1868;
    out[start + x] = table[(luma + 8192) >> 14]!;
  }
}

/** value = (pixel * scale - mean) / std for every pixel 0..255, in the type of the tensor. */
function normalTable(input: InputContract, channel: 0 | 1 | 2): InputTensor {
  const value = (pixel: number) => (pixel * input.scale - input.mean[channel]) / input.std[channel];
  switch (input.dtype) {
    case 'float32':
      return Float32Array.from({ length: 256 }, (_, pixel) => value(pixel));
    case 'float16':
      return Uint16Array.from({ length: 256 }, (_, pixel) => halfBits(value(pixel)));
    case 'uint8':
      return Uint8Array.from({ length: 256 }, (_, pixel) =>
        Math.min(255, Math.max(0, Math.round(value(pixel)))),
      );
    case 'int32':
      return Int32Array.from({ length: 256 }, (_, pixel) => Math.round(value(pixel)));
  }
}

/** One frame without keeping tables; for tests and single pictures. */
export function letterbox(image: Image, input: InputContract, out: InputTensor): LetterboxGeometry {
  return new Letterboxer(input).run(image, out);
}
