import {
  asGoshawkError,
  type Backoff,
  backoffMs,
  type Clock,
  GoshawkError,
  sleep,
} from '../../base/index.ts';
import type { FrameReceiver, FrameSource } from '../frame.ts';

export interface SupervisedSourceOptions {
  readonly camera: string;
  readonly clock: Clock;
  readonly random: () => number;
  /** Makes the source anew for every try; rejects while there is nothing to open. */
  readonly make: () => Promise<FrameSource>;
  /** The source has no end of its own: where it ends all the same it is opened again. */
  readonly endless: boolean;
  /** Waits between tries; default 1 s to 60 s. */
  readonly retry?: Backoff;
}

const usualRetry: Backoff = { firstMs: 1000, maxMs: 60_000 };

/**
 * `FrameSource` that opens behind its back and is opened again, with growing waits, where it can't be opened or ends
 * before its time. `open` never rejects: what is wrong is told to the receiver as `lost`, once, until frames come again.
 *
 * INVARIANTS
 * - At most one source is open; it is closed before the next one is made.
 * - After `close` resolved the receiver is not called, and a source that was still being made is closed unopened.
 * - The waits begin anew only after a source ran longer than the longest of them: one that comes and goes is no flood.
 */
export class SupervisedFrameSource implements FrameSource {
  readonly camera: string;
  readonly #options: SupervisedSourceOptions;
  #stop: AbortController | undefined;
  #source: FrameSource | undefined;

  constructor(options: SupervisedSourceOptions) {
    this.camera = options.camera;
    this.#options = options;
  }

  async open(receiver: FrameReceiver): Promise<void> {
    if (this.#stop !== undefined) return;
    const stop = new AbortController();
    this.#stop = stop;
    void this.#run(receiver, stop.signal);
  }

  async close(): Promise<void> {
    this.#stop?.abort();
    this.#stop = undefined;
    const source = this.#source;
    this.#source = undefined;
    await source?.close();
  }

  async #run(receiver: FrameReceiver, signal: AbortSignal): Promise<void> {
    const { clock, random, retry = usualRetry } = this.#options;
    let told = false;
    const onFrame = () => {
      told = false;
    };
    for (let attempt = 0; !signal.aborted; attempt++) {
      const beganMs = clock.monotonicMs();
      const lost = await this.#play(receiver, signal, onFrame);
      if (signal.aborted) return;
      if (lost === undefined) {
        receiver.end();
        return;
      }
      if (!told) receiver.lost?.(lost);
      told = true;
      if (clock.monotonicMs() - beganMs > retry.maxMs) attempt = 0;
      await sleep(clock, backoffMs(retry, attempt, random), signal);
    }
  }

  /** One life of the source: why it is lost, or undefined where it ended as it should. */
  async #play(
    receiver: FrameReceiver,
    signal: AbortSignal,
    onFrame: () => void,
  ): Promise<GoshawkError | undefined> {
    let source: FrameSource | undefined;
    try {
      source = await this.#options.make();
      if (signal.aborted) return undefined;
      this.#source = source;
      return await this.#watch(source, receiver, signal, onFrame);
    } catch (error) {
      return asGoshawkError(error, 'camera-open', 'Check that the camera is there and not in use.');
    } finally {
      if (!signal.aborted) this.#source = undefined;
      // What can't be closed is left behind: the next one is made anew.
      await source?.close().catch(() => undefined);
    }
  }

  /** Resolves when the source has ended; rejects where it can't be opened. */
  async #watch(
    source: FrameSource,
    receiver: FrameReceiver,
    signal: AbortSignal,
    onFrame: () => void,
  ): Promise<GoshawkError | undefined> {
    let fault: GoshawkError | undefined;
    let end = () => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    signal.addEventListener('abort', end);
    try {
      await source.open({
        frame: (frame) => {
          if (signal.aborted) {
            frame.pixels.release();
            return;
          }
          fault = undefined;
          onFrame();
          return receiver.frame(frame);
        },
        fault: (error) => {
          fault = error;
          if (!signal.aborted) receiver.fault(error);
        },
        lost: (error) => {
          fault = error;
          end();
        },
        end: () => end(),
      });
      await ended;
    } finally {
      signal.removeEventListener('abort', end);
    }
    return this.#options.endless ? (fault ?? endedEarly(this.camera)) : undefined;
  }
}

function endedEarly(camera: string): GoshawkError {
  return new GoshawkError(
    'camera-open',
    `The source of camera "${camera}" ended.`,
    'Check that the camera is there and not in use.',
  );
}
