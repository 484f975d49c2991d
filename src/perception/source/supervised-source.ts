import {
  asGoshawkError,
  type Backoff,
  backoffMs,
  type Clock,
  GoshawkError,
  sleep,
} from '../../base/index.ts';
import type { Frame, FrameReceiver, FrameSource, SourceHealth } from '../frame.ts';
import { HealthCounter } from './health-counter.ts';

export interface SupervisedSourceOptions {
  readonly camera: string;
  readonly clock: Clock;
  readonly random: () => number;
  /** Makes a new source for every try; rejects while it cannot be opened. */
  readonly make: () => Promise<FrameSource>;
  /** The source has no end of its own: where it ends all the same it is opened again. */
  readonly endless: boolean;
  /** Waits between tries; default 1 s to 60 s. `after` gives those after this error. */
  readonly retry?: Backoff | ((after: GoshawkError) => Backoff);
  /** A source that is open and gives no frame for so long is lost. Default: never. */
  readonly stallMs?: number;
  /** The first try must open: `open` rejects where it does not. Default false. */
  readonly firstMustOpen?: boolean;
}

const usualRetry: Backoff = { firstMs: 1000, maxMs: 60_000 };

/** How the first try went, for who waits for it. */
interface FirstTry {
  opened(): void;
  failed(error: GoshawkError): void;
}

/**
 * `FrameSource` that opens behind its back and is opened again, with growing waits, where it can't be opened, stalls or
 * ends before its time. `open` never rejects, unless the first try must open: what is wrong is told to the receiver as
 * `lost`, once, until frames come again.
 *
 * INVARIANTS
 * - At most one source is open; it is closed before the next one is made.
 * - After `close` resolved the receiver is not called, and a source that was still being made is closed unopened.
 * - The waits begin anew only after a source ran longer than the longest of them: one that comes and goes is no flood.
 * - The sequence goes on over all lives.
 */
export class SupervisedFrameSource implements FrameSource {
  readonly camera: string;
  readonly #options: SupervisedSourceOptions;
  readonly #health: HealthCounter;
  #stop: AbortController | undefined;
  #source: FrameSource | undefined;
  #nextSequence = 0;

  constructor(options: SupervisedSourceOptions) {
    this.camera = options.camera;
    this.#options = options;
    this.#health = new HealthCounter(options.clock);
  }

  /** Of a source that is watched for stalls: a live one. */
  health(): SourceHealth | undefined {
    if (this.#options.stallMs === undefined) return undefined;
    return this.#health.health(this.#source?.inputCounts?.());
  }

  async open(receiver: FrameReceiver): Promise<void> {
    if (this.#stop !== undefined) return;
    const stop = new AbortController();
    this.#stop = stop;
    if (this.#options.firstMustOpen !== true) {
      void this.#run(receiver, stop.signal);
      return;
    }
    await new Promise<void>((resolve, reject) => {
      stop.signal.addEventListener('abort', () => resolve());
      void this.#run(receiver, stop.signal, { opened: resolve, failed: reject });
    });
  }

  async close(): Promise<void> {
    this.#stop?.abort();
    this.#stop = undefined;
    const source = this.#source;
    this.#source = undefined;
    await source?.close();
  }

  async #run(receiver: FrameReceiver, signal: AbortSignal, first?: FirstTry): Promise<void> {
    const { clock, random } = this.#options;
    let told = false;
    let waiting = first;
    const onFrame = () => {
      told = false;
    };
    const onOpen = () => {
      waiting?.opened();
      waiting = undefined;
    };
    for (let attempt = 0; !signal.aborted; attempt++) {
      const beganMs = clock.monotonicMs();
      const lost = await this.#play(receiver, signal, { onOpen, onFrame });
      if (signal.aborted) return;
      if (lost !== undefined && waiting !== undefined) {
        this.#stop = undefined;
        waiting.failed(lost);
        return;
      }
      if (lost === undefined) {
        receiver.end();
        return;
      }
      if (!told) receiver.lost?.(lost);
      told = true;
      const retry = this.#retryAfter(lost);
      if (clock.monotonicMs() - beganMs > retry.maxMs) attempt = 0;
      await sleep(clock, backoffMs(retry, attempt, random), signal);
    }
  }

  #retryAfter(error: GoshawkError): Backoff {
    const { retry = usualRetry } = this.#options;
    return typeof retry === 'function' ? retry(error) : retry;
  }

  /** One life of the source: why it is lost, or undefined where it ended as it should. */
  async #play(
    receiver: FrameReceiver,
    signal: AbortSignal,
    on: { readonly onOpen: () => void; readonly onFrame: () => void },
  ): Promise<GoshawkError | undefined> {
    let source: FrameSource | undefined;
    try {
      source = await this.#options.make();
      if (signal.aborted) return undefined;
      this.#source = source;
      return await this.#watch(source, receiver, signal, on);
    } catch (error) {
      return asGoshawkError(error, 'camera-open', 'Check that the camera is there and not in use.');
    } finally {
      this.#health.ended(source?.inputCounts?.());
      if (!signal.aborted) this.#source = undefined;
      // A source that can't be closed is abandoned: the next try makes a new one.
      await source?.close().catch(() => undefined);
    }
  }

  /** Resolves when the source has ended; rejects where it can't be opened. */
  async #watch(
    source: FrameSource,
    receiver: FrameReceiver,
    signal: AbortSignal,
    on: { readonly onOpen: () => void; readonly onFrame: () => void },
  ): Promise<GoshawkError | undefined> {
    let fault: GoshawkError | undefined;
    let over = false;
    let end = () => {};
    const ended = new Promise<void>((resolve) => {
      end = () => {
        over = true;
        resolve();
      };
    });
    signal.addEventListener('abort', end);
    const base = this.#nextSequence;
    let cancelStall = () => {};
    try {
      await source.open({
        frame: (frame) => {
          if (signal.aborted || over) {
            frame.pixels.release();
            return;
          }
          fault = undefined;
          this.#nextSequence = base + frame.sequence + 1;
          this.#health.frame();
          on.onFrame();
          return receiver.frame(base === 0 ? frame : renumbered(frame, base));
        },
        fault: (error) => {
          fault = error;
          if (!signal.aborted && !over) receiver.fault(error);
        },
        lost: (error) => {
          fault = error;
          end();
        },
        end: () => end(),
      });
      if (!signal.aborted) on.onOpen();
      cancelStall = this.#watchForStall((error) => {
        fault = error;
        end();
      });
      await ended;
    } finally {
      cancelStall();
      signal.removeEventListener('abort', end);
    }
    return this.#options.endless ? (fault ?? endedEarly(this.camera)) : undefined;
  }

  #watchForStall(stalled: (error: GoshawkError) => void): () => void {
    const { clock, stallMs } = this.#options;
    if (stallMs === undefined) return () => {};
    const everyMs = Math.min(250, stallMs / 4);
    let lookedMs = clock.monotonicMs();
    let frameMs = this.#health.lastFrameMs;
    let silentMs = 0;
    return clock.every(everyMs, () => {
      const nowMs = clock.monotonicMs();
      const passedMs = nowMs - lookedMs;
      lookedMs = nowMs;
      const { lastFrameMs } = this.#health;
      if (lastFrameMs !== frameMs) silentMs = 0;
      frameMs = lastFrameMs;
      // A look that comes late is a pause of this process, in which no camera could be heard.
      silentMs += Math.min(passedMs, 2 * everyMs);
      if (silentMs >= stallMs) stalled(stall(this.camera, stallMs));
    });
  }
}

function renumbered(frame: Frame, base: number): Frame {
  return { ...frame, sequence: base + frame.sequence };
}

function stall(camera: string, stallMs: number): GoshawkError {
  return new GoshawkError(
    'camera-stalled',
    `The camera "${camera}" is connected and has sent no picture for ${(stallMs / 1000).toFixed(1)} s.`,
    'The camera reconnects automatically. Check it and the network; set #stall= to a longer time if it is slower by design.',
  );
}

function endedEarly(camera: string): GoshawkError {
  return new GoshawkError(
    'camera-open',
    `The source of camera "${camera}" ended.`,
    'Check that the camera is there and not in use.',
  );
}
