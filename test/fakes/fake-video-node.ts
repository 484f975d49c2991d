import type { VideoNode } from '../../device/v4l2/index.ts';
import {
  bufferAt,
  bufferFlags,
  capabilities,
  errors,
  formatAt,
  fourccCode,
  ioctls,
} from '../../device/v4l2/structs.ts';

export interface FakeFormat {
  readonly fourcc: string;
  readonly sizes: readonly (readonly [width: number, height: number, fps: number])[];
}

/** A UVC camera behind the port of the ioctls: it answers as the kernel's driver does, and fills a buffer when told. */
export class FakeVideoNode implements VideoNode {
  formats: readonly FakeFormat[] = [
    { fourcc: 'MJPG', sizes: [[1280, 720, 30]] },
    {
      fourcc: 'YUYV',
      sizes: [
        [4, 2, 30],
        [640, 480, 15],
      ],
    },
  ];
  controls: { id: number; name: string; least: number; most: number; value: number }[] = [
    { id: 0x980900, name: 'Brightness', least: 0, most: 255, value: 128 },
    { id: 0x9a0901, name: 'Exposure, Auto', least: 0, most: 3, value: 3 },
  ];
  captures = true;
  /** Buffers that the driver has now, and those that somebody holds. */
  readonly queued: number[] = [];
  readonly filled: { index: number; sequence: number; flags: number; used: number; atNs: bigint }[] = [];
  streaming = false;
  closed = false;
  /** What every ioctl is answered with from now on, by its number. */
  readonly refusals = new Map<number, number>();
  monotonicNs = 10_000_000_000n;
  readonly memory: Uint8Array[] = [];
  #size: readonly [number, number] = [4, 2];
  #fourcc = 'YUYV';
  #sequence = 0;
  #onReadable: () => void = () => {};

  get held(): number {
    return this.memory.length - this.queued.length - this.filled.length;
  }

  /** One picture: into a free buffer, or it is left out as a driver does. */
  picture(bytes?: Uint8Array, over: { readonly flags?: number; readonly atNs?: bigint } = {}): void {
    if (!this.streaming) return;
    const sequence = this.#sequence;
    this.#sequence += 1;
    this.monotonicNs += 33_000_000n;
    const index = this.queued.shift();
    if (index === undefined) return;
    const memory = this.memory[index]!;
    if (bytes === undefined) memory.fill(sequence);
    else memory.set(bytes);
    const used = bytes?.length ?? memory.length;
    const { flags = bufferFlags.clockMonotonic, atNs = this.monotonicNs - 8_000_000n } = over;
    this.filled.push({ index, sequence, flags, used, atNs });
    this.#onReadable();
  }

  /** The cable is pulled. */
  unplug(): void {
    for (const request of Object.values(ioctls)) this.refusals.set(request, errors.ENODEV);
    this.#onReadable();
  }

  ioctl(request: number, bytes: Uint8Array): number {
    const refused = this.refusals.get(request);
    if (refused !== undefined) return refused;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const answer = this.#answers.get(request);
    return answer === undefined ? errors.EINVAL : answer(view, bytes);
  }

  map(_offset: number, length: number): Uint8Array {
    const memory = new Uint8Array(length);
    this.memory.push(memory);
    return memory;
  }

  watch(onReadable: () => void): void {
    this.#onReadable = onReadable;
  }

  close(): void {
    this.closed = true;
    this.#onReadable = () => {};
  }

  readonly #answers = new Map<number, (view: DataView, bytes: Uint8Array) => number>([
    [
      ioctls.QUERYCAP,
      (view, bytes) => {
        text(bytes, 0, 'uvcvideo');
        text(bytes, 16, 'A camera: of a fake');
        text(bytes, 48, 'usb-0000:00:14.0-1');
        view.setUint32(84, (capabilities.deviceCaps | capabilities.streaming) >>> 0, true);
        const own = this.captures ? capabilities.videoCapture : 0;
        view.setUint32(88, own | capabilities.streaming, true);
        return 0;
      },
    ],
    [
      ioctls.ENUM_FMT,
      (view, bytes) => {
        const format = this.formats[view.getUint32(0, true)];
        if (format === undefined) return errors.EINVAL;
        text(bytes, 12, `Format ${format.fourcc}`);
        view.setUint32(44, fourccCode(format.fourcc), true);
        return 0;
      },
    ],
    [
      ioctls.ENUM_FRAMESIZES,
      (view) => {
        const size = this.#format(view.getUint32(4, true))?.sizes[view.getUint32(0, true)];
        if (size === undefined) return errors.EINVAL;
        view.setUint32(8, 1, true);
        view.setUint32(12, size[0], true);
        view.setUint32(16, size[1], true);
        return 0;
      },
    ],
    [
      ioctls.ENUM_FRAMEINTERVALS,
      (view) => {
        const [width, height] = [view.getUint32(8, true), view.getUint32(12, true)];
        const sizes = this.#format(view.getUint32(4, true))?.sizes ?? [];
        const rates = sizes.filter(([w, h]) => w === width && h === height);
        const rate = rates[view.getUint32(0, true)];
        if (rate === undefined) return errors.EINVAL;
        view.setUint32(16, 1, true);
        view.setUint32(20, 1, true);
        view.setUint32(24, rate[2], true);
        return 0;
      },
    ],
    [ioctls.G_FMT, (view) => this.#tell(view)],
    [
      ioctls.S_FMT,
      (view) => {
        const format = this.#format(view.getUint32(formatAt.pixelformat, true)) ?? this.formats[0]!;
        const [width, height] = [view.getUint32(formatAt.width, true), view.getUint32(formatAt.height, true)];
        const [first = [0, 0, 0] as const] = format.sizes;
        const fits = format.sizes.find(([w, h]) => w === width && h === height) ?? first;
        this.#fourcc = format.fourcc;
        this.#size = [fits[0], fits[1]];
        return this.#tell(view);
      },
    ],
    [ioctls.S_PARM, () => 0],
    [
      ioctls.REQBUFS,
      (view) => {
        view.setUint32(0, Math.min(4, view.getUint32(0, true)), true);
        return 0;
      },
    ],
    [
      ioctls.QUERYBUF,
      (view) => {
        view.setUint32(bufferAt.length, Math.max(this.#size[0] * this.#size[1] * 2, 64), true);
        view.setUint32(bufferAt.offset, view.getUint32(bufferAt.index, true) * 4096, true);
        return 0;
      },
    ],
    [
      ioctls.QBUF,
      (view) => {
        this.queued.push(view.getUint32(bufferAt.index, true));
        return 0;
      },
    ],
    [
      ioctls.DQBUF,
      (view) => {
        const one = this.filled.shift();
        if (one === undefined) return errors.EAGAIN;
        view.setUint32(bufferAt.index, one.index, true);
        view.setUint32(bufferAt.sequence, one.sequence, true);
        view.setUint32(bufferAt.flags, one.flags, true);
        view.setUint32(bufferAt.bytesused, one.used, true);
        view.setBigInt64(bufferAt.seconds, one.atNs / 1_000_000_000n, true);
        view.setBigInt64(bufferAt.microseconds, (one.atNs % 1_000_000_000n) / 1000n, true);
        return 0;
      },
    ],
    [
      ioctls.STREAMON,
      () => {
        this.streaming = true;
        return 0;
      },
    ],
    [
      ioctls.STREAMOFF,
      () => {
        this.streaming = false;
        return 0;
      },
    ],
    [
      ioctls.QUERYCTRL,
      (view, bytes) => {
        const after = view.getUint32(0, true) & 0x7fffffff;
        const next = this.controls.find(({ id }) => id > after);
        if (next === undefined) return errors.EINVAL;
        view.setUint32(0, next.id, true);
        text(bytes, 8, next.name);
        view.setInt32(40, next.least, true);
        view.setInt32(44, next.most, true);
        return 0;
      },
    ],
    [
      ioctls.S_CTRL,
      (view) => {
        const control = this.controls.find(({ id }) => id === view.getUint32(0, true));
        if (control === undefined) return errors.EINVAL;
        control.value = view.getInt32(4, true);
        return 0;
      },
    ],
  ]);

  #format(code: number): FakeFormat | undefined {
    return this.formats.find(({ fourcc }) => fourccCode(fourcc) === code);
  }

  #tell(view: DataView): number {
    const [width, height] = this.#size;
    view.setUint32(formatAt.width, width, true);
    view.setUint32(formatAt.height, height, true);
    view.setUint32(formatAt.pixelformat, fourccCode(this.#fourcc), true);
    view.setUint32(formatAt.bytesperline, width * 2, true);
    view.setUint32(formatAt.sizeimage, width * height * 2, true);
    return 0;
  }
}

function text(bytes: Uint8Array, at: number, value: string): void {
  for (const [index, letter] of [...value].entries()) bytes[at + index] = letter.charCodeAt(0);
}
