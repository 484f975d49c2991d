import type { Box, Detection } from '../detection.ts';
import type { Frame } from '../frame.ts';
import { checkImage } from './image.ts';

/** A part of a frame in whole pixels. */
export interface Region {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Below this a side shows nothing. */
const leastSide = 4;

/**
 * The pixels of a box, widened by `expand` of its sides and cut at the frame's edge. Both corners are even: pixels of the packed
 * encodings share their colour in pairs. Undefined for a box too small to show anything.
 */
export function cropRegion(
  { x1, y1, x2, y2 }: Box,
  expand: number,
  frame: { readonly width: number; readonly height: number },
): Region | undefined {
  const wider = (x2 - x1) * expand;
  const higher = (y2 - y1) * expand;
  const even = (value: number) => value - (value % 2);
  const x = even(Math.max(0, Math.floor(x1 - wider)));
  const y = even(Math.max(0, Math.floor(y1 - higher)));
  const width = even(Math.min(frame.width, Math.ceil(x2 + wider) + 1) - x);
  const height = even(Math.min(frame.height, Math.ceil(y2 + higher) + 1) - y);
  return width < leastSide || height < leastSide ? undefined : { x, y, width, height };
}

const bytesPerPixel = { rgb8: 3, bgr8: 3, mono8: 1, yuyv: 2 } as const;

/**
 * A part of a frame as a frame of its own, for any detector: the same bytes seen through another header. Of nv12, whose colour
 * lies elsewhere, the part is copied. It lives as long as the frame, which is whoever cut it to keep; its own release does
 * nothing. Throws an InputError for a frame that can't be read; jpeg must be decoded first.
 */
export function cropFrame(frame: Frame, region: Region): Frame {
  const { encoding, step } = frame;
  const { data } = frame.pixels;
  checkImage({ ...frame, data });
  const { x, y, width, height } = region;
  if (encoding === 'nv12') return nv12Crop(frame, data, region);
  const perPixel = bytesPerPixel[encoding as Exclude<typeof encoding, 'nv12' | 'jpeg'>];
  const start = y * step + x * perPixel;
  const part = data.subarray(start, start + (height - 1) * step + width * perPixel);
  return { ...frame, width, height, pixels: borrowed(part) };
}

function nv12Crop(frame: Frame, data: Uint8Array, { x, y, width, height }: Region): Frame {
  const { step } = frame;
  const part = new Uint8Array(width * height * 1.5);
  let to = 0;
  const copy = (from: number) => {
    part.set(data.subarray(from, from + width), to);
    to += width;
  };
  for (let row = y; row < y + height; row++) copy(row * step + x);
  const chroma = step * frame.height;
  for (let row = y / 2; row < (y + height) / 2; row++) copy(chroma + row * step + x);
  return { ...frame, width, height, step: width, pixels: borrowed(part) };
}

function borrowed(data: Uint8Array): Frame['pixels'] {
  return { data, release: () => {} };
}

/** What was found in a region, in pixels of the frame: its box, mask, points and depths. */
export function fromRegion(found: Detection, { x, y }: Region): Detection {
  const { box, rotated, mask, keypoints, depth } = found;
  return {
    ...found,
    box: { x1: box.x1 + x, y1: box.y1 + y, x2: box.x2 + x, y2: box.y2 + y },
    ...(rotated === undefined ? {} : { rotated: { ...rotated, cx: rotated.cx + x, cy: rotated.cy + y } }),
    ...(mask === undefined ? {} : { mask: { ...mask, x: mask.x + x, y: mask.y + y } }),
    ...(depth === undefined ? {} : { depth: { ...depth, x: depth.x + x, y: depth.y + y } }),
    ...(keypoints === undefined
      ? {}
      : { keypoints: keypoints.map((point) => ({ ...point, x: point.x + x, y: point.y + y })) }),
  };
}
