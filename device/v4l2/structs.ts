/*
 * The parts of linux/videodev2.h that capturing needs, as bytes of a 64-bit little-endian machine (x86-64, arm64).
 * test/unit/device/v4l2/structs.test.ts compares numbers and offsets with the header where there is a compiler.
 */

const direction = { w: 1, r: 2, wr: 3 } as const;

function request(way: keyof typeof direction, number: number, size: number): number {
  return ((direction[way] << 30) | (size << 16) | (0x56 << 8) | number) >>> 0;
}

/** Sizes of the structs. */
export const sizes = {
  capability: 104,
  fmtdesc: 64,
  format: 208,
  requestbuffers: 20,
  buffer: 88,
  streamparm: 204,
  control: 8,
  queryctrl: 68,
  frmsizeenum: 44,
  frmivalenum: 52,
} as const;

export const ioctls = {
  QUERYCAP: request('r', 0, sizes.capability),
  ENUM_FMT: request('wr', 2, sizes.fmtdesc),
  G_FMT: request('wr', 4, sizes.format),
  S_FMT: request('wr', 5, sizes.format),
  REQBUFS: request('wr', 8, sizes.requestbuffers),
  QUERYBUF: request('wr', 9, sizes.buffer),
  QBUF: request('wr', 15, sizes.buffer),
  DQBUF: request('wr', 17, sizes.buffer),
  STREAMON: request('w', 18, 4),
  STREAMOFF: request('w', 19, 4),
  S_PARM: request('wr', 22, sizes.streamparm),
  S_CTRL: request('wr', 28, sizes.control),
  QUERYCTRL: request('wr', 36, sizes.queryctrl),
  ENUM_FRAMESIZES: request('wr', 74, sizes.frmsizeenum),
  ENUM_FRAMEINTERVALS: request('wr', 75, sizes.frmivalenum),
} as const;

export const capture = 1;
export const memoryMap = 1;
export const capabilities = { videoCapture: 1, streaming: 0x04000000, deviceCaps: 0x80000000 } as const;
export const bufferFlags = { error: 0x40, clockMask: 0xe000, clockMonotonic: 0x2000 } as const;
export const nextControl = 0x80000000;
export const disabledControl = 1;

/** Of errno.h. */
export const errors = {
  EPERM: 1,
  ENOENT: 2,
  EIO: 5,
  EAGAIN: 11,
  EACCES: 13,
  EBUSY: 16,
  ENODEV: 19,
  EINVAL: 22,
  ERANGE: 34,
};

/** Where fields lie in `v4l2_buffer`. */
export const bufferAt = {
  index: 0,
  type: 4,
  bytesused: 8,
  flags: 12,
  seconds: 24,
  microseconds: 32,
  sequence: 56,
  memory: 60,
  offset: 64,
  length: 72,
} as const;

/** Where fields of `v4l2_pix_format` lie in `v4l2_format`. */
export const formatAt = {
  type: 0,
  width: 8,
  height: 12,
  pixelformat: 16,
  bytesperline: 24,
  sizeimage: 28,
} as const;

export function bytesOf(size: number): { readonly bytes: Uint8Array; readonly view: DataView } {
  const bytes = new Uint8Array(size);
  return { bytes, view: new DataView(bytes.buffer) };
}

/** `YUYV` for 0x56595559. */
export function fourcc(code: number): string {
  return String.fromCharCode(code & 0xff, (code >> 8) & 0xff, (code >> 16) & 0xff, (code >> 24) & 0x7f);
}

export function fourccCode(name: string): number {
  return [...name].reduce((code, letter, index) => code | (letter.charCodeAt(0) << (8 * index)), 0) >>> 0;
}

export function textAt(bytes: Uint8Array, at: number, length: number): string {
  const part = bytes.subarray(at, at + length);
  const end = part.indexOf(0);
  return String.fromCharCode(...part.subarray(0, end < 0 ? length : end)).trim();
}
