import type { FrameReceiver, FrameSource, SourceCounts, SourceHealth } from '../frame.ts';

/**
 * A source that can be off: closed, so that its camera costs nothing, while its receiver waits. Off or on is kept while
 * nobody has opened it.
 */
export class SwitchedSource implements FrameSource {
  readonly camera: string;
  readonly #source: FrameSource;
  #on: boolean;
  #receiver: FrameReceiver | undefined;
  #running = false;
  #turn: Promise<void> = Promise.resolve();

  constructor(source: FrameSource, on: boolean) {
    this.camera = source.camera;
    this.#source = source;
    this.#on = on;
  }

  open(receiver: FrameReceiver): Promise<void> {
    this.#receiver = receiver;
    return this.#settle();
  }

  close(): Promise<void> {
    this.#receiver = undefined;
    return this.#settle();
  }

  /** Resolves when the camera is on or off; rejects where it can't be opened, and it is off then. */
  async turn(on: boolean): Promise<void> {
    this.#on = on;
    try {
      await this.#settle();
    } catch (error) {
      this.#on = false;
      throw error;
    }
  }

  inputCounts(): SourceCounts {
    return this.#source.inputCounts?.() ?? { decodeErrors: 0 };
  }

  health(): SourceHealth | undefined {
    return this.#source.health?.();
  }

  /** One change after the other, and each does what is wanted when its turn comes. */
  #settle(): Promise<void> {
    const turn = this.#turn.then(async () => {
      const receiver = this.#on ? this.#receiver : undefined;
      if (this.#running === (receiver !== undefined)) return;
      if (receiver === undefined) {
        this.#running = false;
        await this.#source.close();
      } else {
        await this.#source.open(receiver);
        this.#running = true;
      }
    });
    this.#turn = turn.catch(() => {});
    return turn;
  }
}
