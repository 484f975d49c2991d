import { type Clock, type GoshawkError, jpegSize } from '../../src/base/index.ts';
import {
  cameraLost,
  type FrameReceiver,
  type FrameSource,
  type SourceCounts,
} from '../../src/perception/index.ts';
import { ask, bufferOf, mapBuffers, wantedBuffers } from './buffers.ts';
import { setControls } from './controls.ts';
import { type Negotiated, negotiateFormat, type Wanted } from './negotiate.ts';
import { explainErrno, type OpenNode, openNode, type VideoNode } from './node.ts';
import { bufferAt, bufferFlags, bytesOf, capture, errors, ioctls } from './structs.ts';

export interface V4l2Options extends Wanted {
  readonly camera: string;
  /** Default `<camera>_optical`. */
  readonly frameId?: string;
  readonly clock: Clock;
  /** By name: `brightness`, `exposure_auto`. */
  readonly controls?: Readonly<Record<string, number>>;
  /** Nanoseconds of CLOCK_MONOTONIC, by which the kernel stamps buffers. */
  readonly monotonicNs: () => bigint;
  /** Default: the kernel. */
  readonly openNode?: OpenNode;
}

/** A stamp that is older is one of another clock. */
const oldestNs = 5_000_000_000n;

/**
 * `FrameSource` of a V4L2 camera. Pictures stay where the driver put them until they are released; then the driver gets
 * their buffer back. Where all are held the driver leaves pictures out, which is seen as gaps of its own numbers.
 */
export class V4l2FrameSource implements FrameSource {
  readonly camera: string;
  readonly #options: V4l2Options;
  #receiver: FrameReceiver | undefined;
  #node: VideoNode | undefined;
  #memory: Uint8Array[] = [];
  #format: Negotiated | undefined;
  #firstSequence: number | undefined;
  #lastSequence = -1;
  #lastStampNs = 0n;
  #bytes = 0;
  #damaged = 0;

  constructor(options: V4l2Options) {
    this.camera = options.camera;
    this.#options = options;
  }

  inputCounts(): SourceCounts {
    return { bytes: this.#bytes, decodeErrors: this.#damaged };
  }

  async open(receiver: FrameReceiver): Promise<void> {
    const { path, openNode: open = openNode, controls = {} } = this.#options;
    const node = open(path);
    try {
      this.#format = negotiateFormat(node, this.#options);
      setControls(node, path, controls);
      this.#memory = mapBuffers(node, path);
      for (let index = 0; index < this.#memory.length; index++) this.#give(node, index);
      const on = bytesOf(4);
      on.view.setUint32(0, capture, true);
      ask(node, path, ioctls.STREAMON, on.bytes, 'begin to capture');
    } catch (error) {
      node.close();
      throw error;
    }
    this.#node = node;
    this.#receiver = receiver;
    node.watch(() => this.#drain(node));
  }

  async close(): Promise<void> {
    this.#receiver = undefined;
    const node = this.#node;
    this.#node = undefined;
    if (node === undefined) return;
    const off = bytesOf(4);
    off.view.setUint32(0, capture, true);
    node.ioctl(ioctls.STREAMOFF, off.bytes);
    node.close();
    this.#memory = [];
  }

  #give(node: VideoNode, index: number): void {
    if (this.#node !== undefined && this.#node !== node) return;
    node.ioctl(ioctls.QBUF, bufferOf(index).bytes);
  }

  /** Takes what the driver has filled; the newest is what counts, but none is held back. */
  #drain(node: VideoNode): void {
    for (let taken = 0; taken < wantedBuffers && this.#node === node; taken++) {
      const { bytes, view } = bufferOf(0);
      const errno = node.ioctl(ioctls.DQBUF, bytes);
      if (errno === errors.EAGAIN) return;
      if (errno !== 0) {
        this.#lost(errno);
        return;
      }
      this.#take(node, view);
    }
  }

  #take(node: VideoNode, view: DataView): void {
    const index = view.getUint32(bufferAt.index, true);
    const memory = this.#memory[index];
    const format = this.#format;
    const receiver = this.#receiver;
    let released = false;
    const release = () => {
      if (!released && this.#node === node) this.#give(node, index);
      released = true;
    };
    const used = Math.min(view.getUint32(bufferAt.bytesused, true), memory?.length ?? 0);
    if (memory === undefined || format === undefined || receiver === undefined) {
      release();
      return;
    }
    this.#bytes += used;
    const data = memory.subarray(0, used);
    const size = format.encoding === 'jpeg' ? jpegSize(data) : format;
    const isBroken = (view.getUint32(bufferAt.flags, true) & bufferFlags.error) !== 0;
    if (isBroken || size === undefined || used === 0) {
      this.#damaged += 1;
      release();
      return;
    }
    const number = view.getUint32(bufferAt.sequence, true);
    this.#firstSequence ??= number;
    const { frameId = `${this.camera}_optical` } = this.#options;
    // A driver that does not count gives 0 for all.
    const sequence = Math.max(this.#lastSequence + 1, number - this.#firstSequence);
    this.#lastSequence = sequence;
    void receiver.frame({
      ...{ camera: this.camera, sequence, frameId, encoding: format.encoding, step: format.step },
      ...{ width: size.width, height: size.height },
      stampNs: this.#stamp(view),
      pixels: { data, release },
    });
  }

  /** When the driver says that it was taken, by the wall clock. */
  #stamp(view: DataView): bigint {
    const { clock, monotonicNs } = this.#options;
    const wallNs = clock.wallNs();
    const isMonotonic =
      (view.getUint32(bufferAt.flags, true) & bufferFlags.clockMask) === bufferFlags.clockMonotonic;
    const takenNs =
      view.getBigInt64(bufferAt.seconds, true) * 1_000_000_000n +
      view.getBigInt64(bufferAt.microseconds, true) * 1000n;
    const ageNs = monotonicNs() - takenNs;
    const stamp = isMonotonic && ageNs >= 0n && ageNs < oldestNs ? wallNs - ageNs : wallNs;
    const isBack = stamp <= this.#lastStampNs && this.#lastStampNs - stamp < oldestNs;
    this.#lastStampNs = isBack ? this.#lastStampNs + 1n : stamp;
    return this.#lastStampNs;
  }

  #lost(errno: number): void {
    const { path } = this.#options;
    const receiver = this.#receiver;
    this.#receiver = undefined;
    const gone = errno === errors.ENODEV;
    const error: GoshawkError = gone
      ? cameraLost(path, 'it was unplugged')
      : explainErrno(errno, path, 'give its pictures');
    receiver?.lost?.(error);
  }
}
