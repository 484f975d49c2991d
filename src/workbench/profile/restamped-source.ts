import type { FrameReceiver, FrameSource } from '../../perception/index.ts';

/**
 * A recording that is played faster than it was taken, with the stamps that its frames had in life: `fps` apart, from
 * `startNs` on. Tracks and signals of time need them.
 */
export class RestampedSource implements FrameSource {
  readonly camera: string;
  readonly #source: FrameSource;
  readonly #fps: number;
  readonly #startNs: bigint;

  constructor(source: FrameSource, fps: number, startNs: bigint) {
    this.camera = source.camera;
    this.#source = source;
    this.#fps = fps;
    this.#startNs = startNs;
  }

  open(receiver: FrameReceiver): Promise<void> {
    return this.#source.open({
      frame: (frame) => {
        const sinceNs = BigInt(Math.round((frame.sequence / this.#fps) * 1e9));
        return receiver.frame({ ...frame, stampNs: this.#startNs + sinceNs });
      },
      fault: (error) => receiver.fault(error),
      lost: (error) => receiver.lost?.(error),
      end: () => receiver.end(),
    });
  }

  close(): Promise<void> {
    return this.#source.close();
  }
}
