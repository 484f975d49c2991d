import { asGoshawkError, type Cancel, type Clock, GoshawkError, InputError } from '../../base/index.ts';
import type { Frame, FrameReceiver, FrameSource, Pixels } from '../../perception/index.ts';
import { moduleUrl, SharedBufferPool, WorkerHost } from '../../platform/index.ts';
import {
  clearConditions,
  type StreetConditions,
  type StreetTruth,
  withConditions,
} from '../../simulation/index.ts';
import type { StreetSettings, StreetThread } from './worker.ts';

export interface StreetFrameSourceOptions {
  /** Name of the camera within the device. */
  readonly camera: string;
  readonly clock: Clock;
  /** Which street; the same seed shows the same street. */
  readonly seed: number;
  /** Frames per second; default 15. */
  readonly fps?: number;
  /** Pixels; default 640 x 360. */
  readonly width?: number;
  readonly height?: number;
  /** ROS frame_id; default `camera_<name>_optical`. */
  readonly frameId?: string;
  readonly conditions?: Partial<StreetConditions>;
  /** Frames that may be in use at once, 0.7 MB each; with all of them in use frames are lost. Default 8. */
  readonly buffers?: number;
  /** Module of the painting thread; tests put one there that dies. */
  readonly worker?: URL;
}

/** What was really on the street in one frame. */
export interface FrameTruth {
  readonly sequence: number;
  readonly stampNs: bigint;
  readonly objects: readonly StreetTruth[];
}

/** The picture that is under way. */
interface Order {
  readonly sequence: number;
  readonly stampNs: bigint;
  readonly pixels: Pixels;
}

const keptTruths = 64;
const restartMs = 1000;
const largestSide = 4096;

/**
 * A simulated street camera that is painted in a worker thread.
 *
 * INVARIANTS
 * - one picture is under way at a time; a tick that finds the worker busy or no buffer free is a lost frame: a gap in the
 *   sequence, as with a camera;
 * - picture `n` shows the street at `n / fps` seconds, so the same seed and conditions give the same frames;
 * - every buffer is free, with the worker, or with whoever took the frame.
 */
export class StreetFrameSource implements FrameSource {
  readonly camera: string;
  readonly #clock: Clock;
  readonly #settings: StreetSettings;
  readonly #fps: number;
  readonly #frameId: string;
  readonly #pool: SharedBufferPool;
  readonly #mostBuffers: number;
  readonly #module: URL;
  readonly #truths = new Map<number, FrameTruth>();
  #conditions: StreetConditions;
  #receiver: FrameReceiver | undefined;
  #host: WorkerHost<StreetThread> | undefined;
  #order: Order | undefined;
  #cancelTick: Cancel | undefined;
  #cancelRestart: Cancel | undefined;
  #sequence = 0;
  #lost = 0;
  #latest: FrameTruth | undefined;

  constructor(options: StreetFrameSourceOptions) {
    const { width = 640, height = 360, fps = 15, buffers = 8, camera } = options;
    if (!(fps > 0 && fps <= 240))
      throw new InputError(
        'street-options',
        `A simulated camera can't give ${fps} frames per second.`,
        'Use a rate from 1 to 240.',
      );
    if (![width, height].every((side) => Number.isInteger(side) && side >= 32 && side <= largestSide))
      throw new InputError(
        'street-options',
        `A simulated camera can't have ${width} x ${height} pixels.`,
        `Use whole sides from 32 to ${largestSide}.`,
      );
    if (!Number.isSafeInteger(options.seed))
      throw new InputError(
        'street-options',
        `The seed ${options.seed} is not a whole number.`,
        'Use a whole number.',
      );
    this.camera = camera;
    this.#clock = options.clock;
    this.#fps = fps;
    this.#module = options.worker ?? moduleUrl('./worker', import.meta.url);
    this.#frameId = options.frameId ?? `camera_${camera}_optical`;
    this.#pool = new SharedBufferPool(width * height * 3);
    this.#mostBuffers = Math.max(2, buffers);
    this.#conditions = withConditions(clearConditions, options.conditions ?? {});
    this.#settings = { seed: options.seed, width, height, conditions: {} };
  }

  get conditions(): StreetConditions {
    return this.#conditions;
  }
  /** Truth of the newest frame that was handed out. */
  get latestTruth(): FrameTruth | undefined {
    return this.#latest;
  }
  /** Frames lost since `open` because the worker was busy or all buffers were in use. */
  get lostFrames(): number {
    return this.#lost;
  }
  /** Buffers that are with the worker or with users of frames. */
  get buffersInUse(): number {
    return this.#pool.taken;
  }

  /** Truth of one of the last 64 frames. */
  truthOf(sequence: number): FrameTruth | undefined {
    return this.#truths.get(sequence);
  }

  /** Weather, faults and traffic from the next frame on; what is no number stays, what is out of range is clamped. */
  setConditions(change: Partial<StreetConditions>): void {
    this.#conditions = withConditions(this.#conditions, change);
    this.#host?.send('setConditions', this.#conditions);
  }

  /** Resolves when the street is built; frames follow. Rejects with `street-worker` where no worker can be started. */
  async open(receiver: FrameReceiver): Promise<void> {
    if (this.#receiver !== undefined)
      throw new InputError('street-open', `Camera ${this.camera} is open already.`, 'Close it first.');
    this.#receiver = receiver;
    const host = this.#startThread();
    try {
      await host.ready;
    } catch (error) {
      if (this.#host === host) this.#host = undefined;
      this.#receiver = undefined;
      throw error;
    }
    // Closed meanwhile: no timer may stay behind.
    if (this.#receiver !== receiver) return;
    this.#cancelTick = this.#clock.every(1000 / this.#fps, () => this.#tick());
  }

  async close(): Promise<void> {
    this.#receiver = undefined;
    this.#cancelTick?.();
    this.#cancelRestart?.();
    const host = this.#host;
    this.#host = undefined;
    await host?.terminate();
    this.#dropOrder();
  }

  #startThread(): WorkerHost<StreetThread> {
    this.#host = new WorkerHost<StreetThread>({
      module: this.#module,
      name: `street-${this.camera}`,
      data: { ...this.#settings, conditions: this.#conditions },
      what: `Opening camera ${this.camera}`,
      death: (why, cause) =>
        new GoshawkError(
          'street-worker',
          `The thread that paints camera ${this.camera} stopped: ${why}.`,
          'Goshawk starts it again. If this happens again, report it with the seed.',
          { cause },
        ),
    });
    return this.#host;
  }

  /** The start and a picture under way may both hear of it. */
  #stopped(host: WorkerHost<StreetThread>, error: unknown): void {
    if (host !== this.#host) return;
    this.#host = undefined;
    this.#dropOrder();
    this.#receiver?.fault(asGoshawkError(error, 'street-worker'));
    this.#cancelRestart = this.#clock.after(restartMs, () => {
      const next = this.#startThread();
      next.ready.catch((failure: unknown) => this.#stopped(next, failure));
    });
  }

  #tick(): void {
    const sequence = this.#sequence++;
    const host = this.#host;
    const isFree = this.#order === undefined && this.#pool.taken < this.#mostBuffers;
    if (host === undefined || !isFree) {
      this.#lost += 1;
      return;
    }
    const order = { sequence, stampNs: this.#clock.wallNs(), pixels: this.#pool.take() };
    this.#order = order;
    void this.#paint(host, order);
  }

  async #paint(host: WorkerHost<StreetThread>, order: Order): Promise<void> {
    const { sequence, pixels } = order;
    try {
      const objects = await host.call('render', { timeS: sequence / this.#fps, into: pixels.data });
      if (host === this.#host) this.#give(order, objects);
    } catch (error) {
      this.#stopped(host, error);
    }
  }

  #give(order: Order, objects: readonly StreetTruth[]): void {
    const receiver = this.#receiver;
    if (receiver === undefined) return;
    this.#order = undefined;
    const { sequence, stampNs, pixels } = order;
    this.#latest = { sequence, stampNs, objects };
    this.#truths.set(sequence, this.#latest);
    for (const oldest of this.#truths.keys()) {
      if (this.#truths.size <= keptTruths) break;
      this.#truths.delete(oldest);
    }
    const { width, height } = this.#settings;
    const frame: Frame = {
      camera: this.camera,
      sequence,
      stampNs,
      frameId: this.#frameId,
      width,
      height,
      encoding: 'rgb8',
      step: width * 3,
      pixels,
    };
    void receiver.frame(frame);
  }

  #dropOrder(): void {
    this.#order?.pixels.release();
    this.#order = undefined;
  }
}
