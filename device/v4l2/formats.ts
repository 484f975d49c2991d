import type { Encoding } from '../../src/perception/index.ts';
import type { VideoNode } from './node.ts';
import { bytesOf, capabilities, capture, fourcc, ioctls, sizes, textAt } from './structs.ts';

/** Formats that are read, the cheapest to take first: raw ones need no decoder, and JPEG the least of a USB cable. */
export const readable: Readonly<Record<string, { readonly encoding: Encoding; readonly name: string }>> = {
  NV12: { encoding: 'nv12', name: 'nv12' },
  YUYV: { encoding: 'yuyv', name: 'yuyv' },
  MJPG: { encoding: 'jpeg', name: 'mjpeg' },
  JPEG: { encoding: 'jpeg', name: 'jpeg' },
  RGB3: { encoding: 'rgb8', name: 'rgb3' },
  BGR3: { encoding: 'bgr8', name: 'bgr3' },
  GREY: { encoding: 'mono8', name: 'grey' },
};

export interface OfferedFormat {
  /** As the kernel calls it: `YUYV`. */
  readonly fourcc: string;
  readonly description: string;
  /** Absent: it can't be read here. */
  readonly encoding?: Encoding;
  /** `1280x720@30`; empty where the driver takes any size. */
  readonly sizes: readonly {
    readonly width: number;
    readonly height: number;
    readonly fps: readonly number[];
  }[];
}

export interface CameraFacts {
  readonly name: string;
  readonly driver: string;
  readonly bus: string;
  readonly captures: boolean;
}

/** No driver has more; one that never ends its list must not hang us. */
const mostEntries = 64;

export function factsOf(node: VideoNode): CameraFacts | undefined {
  const { bytes, view } = bytesOf(sizes.capability);
  if (node.ioctl(ioctls.QUERYCAP, bytes) !== 0) return undefined;
  const all = view.getUint32(84, true);
  const own = (all & capabilities.deviceCaps) === 0 ? all : view.getUint32(88, true);
  const wanted = capabilities.videoCapture | capabilities.streaming;
  return {
    driver: textAt(bytes, 0, 16),
    name: textAt(bytes, 16, 32),
    bus: textAt(bytes, 48, 32),
    captures: (own & wanted) === wanted,
  };
}

export function formatsOf(node: VideoNode): OfferedFormat[] {
  return listed(sizes.fmtdesc, ioctls.ENUM_FMT, node, (view) => view.setUint32(4, capture, true)).map(
    ({ bytes, view }) => {
      const code = view.getUint32(44, true);
      const name = fourcc(code);
      const known = readable[name];
      return {
        fourcc: name,
        description: textAt(bytes, 12, 32),
        ...(known === undefined ? {} : { encoding: known.encoding }),
        sizes: sizesOf(node, code),
      };
    },
  );
}

function sizesOf(node: VideoNode, code: number): OfferedFormat['sizes'] {
  return listed(sizes.frmsizeenum, ioctls.ENUM_FRAMESIZES, node, (view) => view.setUint32(4, code, true))
    .filter(({ view }) => view.getUint32(8, true) === 1)
    .map(({ view }) => {
      const [width, height] = [view.getUint32(12, true), view.getUint32(16, true)];
      return { width, height, fps: ratesOf(node, code, width, height) };
    });
}

function ratesOf(node: VideoNode, code: number, width: number, height: number): number[] {
  const prepare = (view: DataView) => {
    view.setUint32(4, code, true);
    view.setUint32(8, width, true);
    view.setUint32(12, height, true);
  };
  return listed(sizes.frmivalenum, ioctls.ENUM_FRAMEINTERVALS, node, prepare)
    .filter(({ view }) => view.getUint32(16, true) === 1 && view.getUint32(20, true) > 0)
    .map(({ view }) => Number((view.getUint32(24, true) / view.getUint32(20, true)).toFixed(2)));
}

/** All entries of a list of the driver's, asked for by their number. */
function listed(size: number, request: number, node: VideoNode, prepare: (view: DataView) => void) {
  const found: { bytes: Uint8Array; view: DataView }[] = [];
  for (let index = 0; index < mostEntries; index++) {
    const entry = bytesOf(size);
    entry.view.setUint32(0, index, true);
    prepare(entry.view);
    if (node.ioctl(request, entry.bytes) !== 0) break;
    found.push(entry);
  }
  return found;
}
