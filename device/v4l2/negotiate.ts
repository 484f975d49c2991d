import { InputError } from '../../src/base/index.ts';
import { checkCameraSize, type Encoding } from '../../src/perception/index.ts';
import { ask } from './buffers.ts';
import { factsOf, formatsOf, readable } from './formats.ts';
import type { VideoNode } from './node.ts';
import { bytesOf, capture, formatAt, fourcc, fourccCode, ioctls, sizes } from './structs.ts';

/** What is asked of a camera. */
export interface Wanted {
  /** `/dev/video0`. */
  readonly path: string;
  readonly width?: number;
  readonly height?: number;
  readonly fps?: number;
  /** `yuyv`, `nv12`, `mjpeg`; default: the cheapest that the camera has. */
  readonly format?: string;
}

/** What it gives. */
export interface Negotiated {
  readonly encoding: Encoding;
  readonly width: number;
  readonly height: number;
  readonly step: number;
}

/** Sets format, size and rate. Throws in words for what the camera does not give. */
export function negotiateFormat(node: VideoNode, options: Wanted): Negotiated {
  const { path, width, height, fps } = options;
  if (factsOf(node)?.captures !== true) {
    throw new InputError(
      'v4l2-no-camera',
      `${path} is not a capture device.`,
      'Many cameras have two devices; `goshawk camera list` lists those that capture.',
    );
  }
  const code = chooseFormat(node, options);
  const { bytes, view } = bytesOf(sizes.format);
  view.setUint32(formatAt.type, capture, true);
  ask(node, path, ioctls.G_FMT, bytes, 'say its format');
  view.setUint32(formatAt.pixelformat, code, true);
  if (width !== undefined) view.setUint32(formatAt.width, width, true);
  if (height !== undefined) view.setUint32(formatAt.height, height, true);
  view.setUint32(formatAt.bytesperline, 0, true);
  ask(node, path, ioctls.S_FMT, bytes, 'take the format');
  const got = {
    width: view.getUint32(formatAt.width, true),
    height: view.getUint32(formatAt.height, true),
  };
  checkCameraSize(path, got.width, got.height);
  const encoding = readable[fourcc(view.getUint32(formatAt.pixelformat, true))]?.encoding;
  if (encoding === undefined || (width ?? got.width) !== got.width || (height ?? got.height) !== got.height)
    throw otherSize(node, code, got, options);
  if (fps !== undefined) setRate(node, fps);
  const step = encoding === 'jpeg' ? 0 : view.getUint32(formatAt.bytesperline, true);
  return { ...got, encoding, step };
}

function chooseFormat(node: VideoNode, options: Wanted): number {
  const { path, format } = options;
  const offered = formatsOf(node);
  const known = Object.entries(readable).filter(([code]) => offered.some((one) => one.fourcc === code));
  const wanted = known.find(([, { name }]) => format === undefined || name === format);
  if (wanted !== undefined) return fourccCode(wanted[0]);
  const names = known.map(([, { name }]) => name);
  throw new InputError(
    'v4l2-format',
    format === undefined || names.length === 0
      ? `${path} gives ${offered.map((one) => one.fourcc).join(', ') || 'no format'}, and none of these can be read.`
      : `${path} does not give ${format}.`,
    names.length === 0
      ? 'Take another device of the camera, or gst:v4l2src device=... with a decoder.'
      : `It gives ${names.join(', ')}.`,
  );
}

function otherSize(
  node: VideoNode,
  code: number,
  got: { readonly width: number; readonly height: number },
  options: Wanted,
) {
  const { path, width = got.width, height = got.height } = options;
  const offered = formatsOf(node).find((one) => one.fourcc === fourcc(code));
  const list = [...new Set(offered?.sizes.map((one) => `${one.width}x${one.height}`))].join(', ');
  return new InputError(
    'v4l2-size',
    `${path} does not give ${width}x${height}; the nearest is ${got.width}x${got.height}.`,
    list === '' ? 'Take that size.' : `Its sizes are ${list}.`,
  );
}

/** A driver that knows no rates gives its own; the nearest that it has is good enough. */
function setRate(node: VideoNode, fps: number): void {
  const { bytes, view } = bytesOf(sizes.streamparm);
  view.setUint32(0, capture, true);
  view.setUint32(12, 1000, true);
  view.setUint32(16, Math.round(fps * 1000), true);
  node.ioctl(ioctls.S_PARM, bytes);
}
