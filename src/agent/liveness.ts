import type { CameraStats } from '../perception/index.ts';

/*
 * When the service manager shall start this process anew. A restart costs every camera its frames for seconds and mends
 * what went wrong inside of this process, and nothing else. So it is asked for alone where
 *
 * 1. a camera gave frames in this life of the process, then nothing came for a long time, and its source did not say that
 *    the camera is gone: whatever waits for it here is stuck. (A source that says so tries again by itself: a cable, a
 *    switch, a password are not this process's fault. A topic of ROS is silent when nobody publishes.)
 * 2. frames come in, results came out once and do not any more, for longer than the recovery of engines takes: a rebuild,
 *    the next engine, its own end of the process.
 *
 * The event loop is watched by the signs of life themselves. What a restart did not mend does not ask for the next one:
 * both rules need a frame that this life has seen.
 */

export interface LivenessOptions {
  /** A camera that was never silent for so long is stuck. */
  readonly silentMs: number;
  /** Results that do not come for so long will not come. */
  readonly noResultMs: number;
  /** Cameras whose silence says nothing of this process. */
  readonly maySleep: ReadonlySet<string>;
}

interface Camera {
  received: number;
  receivedMs: number;
  published: number;
  publishedMs: number;
  /** Frames that came since the last result. */
  waiting: number;
  /** The longest pause between two frames that it came back from. */
  longestMs: number;
}

/** A camera that pauses by itself (motion, a slow timer) is given this many of its longest pauses. */
const pauses = 5;

/** Which cameras should run and do not, for a reason that a new process may mend. Times are monotonic. */
export class Liveness {
  readonly #options: LivenessOptions;
  readonly #cameras = new Map<string, Camera>();
  readonly #lost = new Set<string>();

  constructor(options: LivenessOptions) {
    this.#options = options;
  }

  /** Its source says that the camera is gone. */
  lost(camera: string): void {
    this.#lost.add(camera);
  }

  back(camera: string): void {
    this.#lost.delete(camera);
  }

  /** Why this process should be started anew, in words; empty: it should not. */
  look(cameras: readonly CameraStats[], nowMs: number): readonly string[] {
    return cameras.flatMap((stats) => this.#lookAt(stats, nowMs) ?? []);
  }

  #lookAt({ camera, frames, settings, ended }: CameraStats, nowMs: number): string | undefined {
    const { received, processed } = frames;
    const known = this.#cameras.get(camera);
    const state = known ?? {
      ...{ received, receivedMs: nowMs, published: processed, publishedMs: nowMs },
      ...{ waiting: 0, longestMs: 0 },
    };
    this.#cameras.set(camera, state);
    if (received !== state.received) {
      if (state.received > 0) state.longestMs = Math.max(state.longestMs, nowMs - state.receivedMs);
      state.waiting += received - state.received;
      state.received = received;
      state.receivedMs = nowMs;
    }
    // Frames that fail or are left out on purpose came out too: what fails them is told and mended elsewhere.
    const out = processed + frames.dropped.failed + sumOf(frames.skipped);
    if (out !== state.published || state.waiting === 0) {
      state.published = out;
      state.publishedMs = nowMs;
      state.waiting = 0;
    }
    const runs = settings.enabled && !ended && !this.#lost.has(camera);
    if (!runs) {
      // The time begins when it should run again.
      state.receivedMs = nowMs;
      state.publishedMs = nowMs;
      return undefined;
    }
    return this.#silent(camera, state, nowMs) ?? this.#withoutResult(camera, state, processed, nowMs);
  }

  #silent(camera: string, { received, receivedMs, longestMs }: Camera, nowMs: number): string | undefined {
    if (received === 0 || this.#options.maySleep.has(camera)) return undefined;
    const forMs = nowMs - receivedMs;
    if (forMs < Math.max(this.#options.silentMs, pauses * longestMs)) return undefined;
    return `${camera} gave frames and gives none for ${seconds(forMs)} s, and its source does not say why`;
  }

  #withoutResult(
    camera: string,
    { publishedMs, waiting }: Camera,
    processed: number,
    nowMs: number,
  ): string | undefined {
    const forMs = nowMs - publishedMs;
    if (processed === 0 || waiting === 0 || forMs < this.#options.noResultMs) return undefined;
    return `${camera} gives frames and no result comes of them for ${seconds(forMs)} s`;
  }
}

function sumOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

function seconds(ms: number): number {
  return Math.round(ms / 1000);
}
