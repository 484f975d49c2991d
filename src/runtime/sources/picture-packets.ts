import { type Clock, describeError, type Log } from '../../base/index.ts';
import type { Frame, FrameReceiver, FrameSource, Image, PacketReceiver } from '../../perception/index.ts';

export interface PicturePacketsOptions {
  readonly packets: PacketReceiver;
  /** A JPEG of a picture that is none. */
  readonly encode: (image: Image) => Promise<Uint8Array>;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly log: Log;
}

/** A picture that has to be encoded is taken so often; one that came as JPEG always. */
const encodeEveryMs = 100;

/** A source whose pictures are its packets: it sends JPEG, or they are made JPEG, one at a time and at most ten a second. */
export class PicturePackets implements FrameSource {
  readonly #source: FrameSource;
  readonly #options: PicturePacketsOptions;
  #encoding = false;
  #dueMs = Number.NEGATIVE_INFINITY;
  #failed = false;

  constructor(source: FrameSource, options: PicturePacketsOptions) {
    this.#source = source;
    this.#options = options;
  }

  get camera(): string {
    return this.#source.camera;
  }

  inputCounts() {
    return this.#source.inputCounts?.() ?? { decodeErrors: 0 };
  }

  health() {
    return this.#source.health?.();
  }

  open(receiver: FrameReceiver): Promise<void> {
    let take = this.#options.packets();
    return this.#source.open({
      ...{ fault: (error) => receiver.fault(error), end: () => receiver.end() },
      lost: (error) => {
        take = this.#options.packets();
        receiver.lost?.(error);
      },
      frame: (frame) => {
        this.#note(frame, take);
        return receiver.frame(frame);
      },
    });
  }

  close(): Promise<void> {
    return this.#source.close();
  }

  #note(frame: Frame, take: ReturnType<PacketReceiver>): void {
    const { stampNs, width, height, step, encoding, pixels } = frame;
    take.frame(stampNs, stampNs);
    const packet = (bytes: Uint8Array) =>
      take.packet({
        codec: 'jpeg',
        bytes,
        timeNs: stampNs,
        keyframe: true,
        parameters: `${width}x${height}`,
      });
    if (encoding === 'jpeg') {
      packet(Uint8Array.from(pixels.data));
      return;
    }
    const nowMs = this.#options.clock.monotonicMs();
    if (this.#encoding || nowMs < this.#dueMs) return;
    this.#encoding = true;
    this.#dueMs = nowMs + encodeEveryMs;
    // The pixels are valid during this call only.
    const image = { width, height, step, encoding, data: Uint8Array.from(pixels.data) };
    void this.#options
      .encode(image)
      .then(packet, (error: unknown) => this.#warn(error))
      .finally(() => {
        this.#encoding = false;
      });
  }

  #warn(error: unknown): void {
    if (!this.#failed)
      this.#options.log.warn('No clips of this camera', {
        camera: this.camera,
        reason: describeError(error),
      });
    this.#failed = true;
  }
}
