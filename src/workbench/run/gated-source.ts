import type { FrameReceiver, FrameSource } from '../../perception/index.ts';

/** A recording that waits for slow consumers (the disk, whoever reads stdout) before it hands out its next frame. */
export class GatedSource implements FrameSource {
  readonly camera: string;
  readonly #source: FrameSource;
  readonly #gate: () => Promise<void>;

  constructor(source: FrameSource, gate: () => Promise<void>) {
    this.camera = source.camera;
    this.#source = source;
    this.#gate = gate;
  }

  open(receiver: FrameReceiver): Promise<void> {
    return this.#source.open({
      frame: async (frame) => {
        await this.#gate();
        await receiver.frame(frame);
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
