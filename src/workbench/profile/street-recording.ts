import { InputError } from '../../base/index.ts';
import type { FrameReceiver, FrameSource } from '../../perception/index.ts';
import { parseStreet } from '../../runtime/index.ts';
import { createStreet } from '../../simulation/index.ts';

export interface StreetRecordingOptions {
  readonly camera: string;
  readonly seed: number;
  readonly fps: number;
  readonly seconds: number;
}

const width = 640;
const height = 360;

/** The simulated street as a recording: painted as fast as it is taken, so that an hour does not take an hour. */
export class StreetRecording implements FrameSource {
  readonly camera: string;
  readonly #options: StreetRecordingOptions;
  readonly #spec: string;
  #playing: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(spec: string, options: StreetRecordingOptions) {
    this.camera = options.camera;
    this.#options = options;
    this.#spec = spec;
    if (parseStreet(spec).afterMs > 0) {
      throw new InputError(
        'street-source',
        `The source ${spec} changes while it is learned from.`,
        'Leave `after` out: a profile says what is usual.',
      );
    }
  }

  async open(receiver: FrameReceiver): Promise<void> {
    this.#playing = this.#play(receiver);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#playing;
  }

  async #play(receiver: FrameReceiver): Promise<void> {
    const { camera, seed, fps, seconds } = this.#options;
    const street = createStreet({ seed, width, height });
    street.setConditions(parseStreet(this.#spec).conditions);
    const frames = Math.round(seconds * fps);
    for (let sequence = 0; sequence < frames && !this.#closed; sequence++) {
      const data = new Uint8Array(width * height * 3);
      street.render(sequence / fps, data);
      await receiver.frame({
        camera,
        sequence,
        stampNs: 0n,
        frameId: camera,
        width,
        height,
        encoding: 'rgb8',
        step: width * 3,
        pixels: { data, release() {} },
      });
      // Takes turns with Ctrl+C and the progress bar.
      if (sequence % 16 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    receiver.end();
  }
}
