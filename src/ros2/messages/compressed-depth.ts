import { InputError } from '../../base/index.ts';
import type { CompressedImageMessage } from './image.ts';
import { pngSize } from './png.ts';

/** A depth picture as compressed_depth_image_transport sends it. */
export interface CompressedDepth {
  /** 16 bits a place, one channel. */
  readonly png: Uint8Array;
  readonly width: number;
  readonly height: number;
  /** Millimetres, or metres as `a / (value - b)`; 0 where nothing was measured. */
  readonly unit: 'mm' | { readonly a: number; readonly b: number };
}

/** Format, and two parameters of the coding by inverse depth. */
const configBytes = 12;
const maxSide = 16_384;
/** Of what it is decoded to: as much as a raw one may have. */
const maxBytes = 64 << 20;
/** Of a PNG's IHDR. */
const [depthAt, colourAt, grey] = [24, 25, 0];

/** `16UC1; compressedDepth png`, `32FC1; compressedDepth`, or of old versions the encoding alone. Throws an InputError for others. */
export function checkCompressedDepth({ format, data }: CompressedImageMessage): CompressedDepth {
  const [encoding = '', method = 'compressedDepth'] = format.split(';', 2).map((part) => part.trim());
  const named = format.slice(0, 60);
  if (method !== 'compressedDepth' && method !== 'compressedDepth png')
    throw wrong(
      `of the format "${named}" is not read`,
      method.startsWith('compressedDepth rvl')
        ? 'Let it publish PNG: ros2 param set <the camera’s node> <topic>.compressedDepth.format png; or name the raw depth topic.'
        : undefined,
    );
  if (encoding !== '16UC1' && encoding !== 'mono16' && encoding !== '32FC1')
    throw wrong(`of the format "${named}" is not read`);
  if (data.length <= configBytes) throw wrong(`has ${data.length} bytes, too few for a header and a picture`);
  const png = data.subarray(configBytes);
  const size = pngSize(png);
  if (size === undefined) throw wrong('holds no PNG');
  const { width, height } = size;
  if (width > maxSide || height > maxSide || width * height * 2 > maxBytes)
    throw wrong(
      `says that it is ${width}x${height}; at most ${maxBytes >> 20} MiB of 16-bit places are read`,
    );
  if (png[depthAt] !== 16 || png[colourAt] !== grey) throw wrong('holds a PNG that is not grey with 16 bits');
  if (encoding !== '32FC1') return { png, width, height, unit: 'mm' };
  const view = new DataView(data.buffer, data.byteOffset, configBytes);
  const [a, b] = [view.getFloat32(4, true), view.getFloat32(8, true)];
  if (!(a > 0 && Number.isFinite(a) && Number.isFinite(b)))
    throw wrong('has parameters that are not numbers');
  return { png, width, height, unit: { a, b } };
}

function wrong(what: string, remedy?: string): InputError {
  return new InputError(
    'ros-depth',
    `A compressed depth picture ${what}.`,
    remedy ??
      'Name the topic of compressed_depth_image_transport (.../compressedDepth), or the raw depth topic.',
  );
}
