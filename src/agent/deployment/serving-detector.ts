import { type Clock, describeError, type Log, RefusedError, sleep, within } from '../../base/index.ts';
import type { Bundle } from '../../model/index.ts';
import type { Detector, DetectorIdentity } from '../../perception/index.ts';
import { type WatchedHealth, watchHealth } from './model-health.ts';
import { standing, type WatchedStats } from './probation.ts';
import type { SlotHost } from './slot-host.ts';
import { refuseIfSuperseded } from './superseded.ts';

export interface ServingDetectorPorts {
  readonly pipeline: SlotHost;
  readonly clock: Clock;
  readonly log: Log;
  readonly health?: WatchedHealth;
}

/** A model that was kept although too few frames came. */
export interface Unproven {
  readonly before: WatchedStats;
  readonly why: string;
}

const probationPollMs = 1_000;
/** How long a detector may take to give its last results. */
const drainMs = 15_000;

/** The detector that the pipeline uses. Another one takes its place between two frames; it is closed when it has left. */
export class ServingDetector {
  readonly #ports: ServingDetectorPorts;
  readonly #probationMs: number;
  #detector: Detector;

  constructor(detector: Detector, probationMs: number, ports: ServingDetectorPorts) {
    this.#detector = detector;
    this.#probationMs = probationMs;
    this.#ports = ports;
  }

  get detector(): Detector {
    return this.#detector;
  }

  get identity(): DetectorIdentity {
    return this.#detector.identity;
  }

  /** Resolves when the one before owes nothing any more, or is given up; it stays open. */
  async swap(detector: Detector): Promise<void> {
    const { pipeline, clock } = this.#ports;
    // Before anything is waited for: an order that comes now must find it.
    this.#detector = detector;
    await within(clock, drainMs, pipeline.swap(detector));
  }

  /**
   * Swaps, calls `swapped`, and watches. Rejects where it does badly, `fault` says why it must go back, or it is told to stop;
   * it serves all the same. Resolves with what was before where it is kept without evidence.
   */
  async swapAndWatch(
    bundle: Bundle,
    detector: Detector,
    signal: AbortSignal,
    swapped: () => Promise<void>,
    fault: () => string | undefined = () => undefined,
  ): Promise<Unproven | undefined> {
    const { pipeline, clock, health } = this.#ports;
    const before = pipeline.stats();
    const whyNot = health === undefined ? undefined : watchHealth(health);
    await this.swap(detector);
    refuseIfSuperseded(signal);
    await swapped();
    const sinceMs = clock.monotonicMs();
    const probationMs = this.#probationMs;
    const { budgets } = bundle.manifest;
    for (;;) {
      const elapsedMs = clock.monotonicMs() - sinceMs;
      const now = standing(before, pipeline.stats(), budgets, { elapsedMs, probationMs });
      const wrong = now.kind === 'wrong' ? now.why : (fault() ?? whyNot?.());
      if (wrong !== undefined)
        throw new RefusedError('deployment-probation', wrong, 'The previous model serves again.');
      if (now.kind === 'survived') return undefined;
      if (now.kind === 'unproven') return { before, why: now.why };
      const leftMs = probationMs - elapsedMs;
      await sleep(clock, leftMs > 0 ? Math.min(leftMs, probationPollMs) : probationPollMs, signal);
      refuseIfSuperseded(signal);
    }
  }

  /** Closes one that does not serve, or serves no more. */
  async leave(detector: Detector | undefined): Promise<void> {
    if (detector === undefined) return;
    const closed = detector.close().catch((error: unknown) => {
      this.#ports.log.warn('A detector did not close', { reason: describeError(error) });
    });
    // One that is stuck may never close.
    await within(this.#ports.clock, drainMs, closed);
  }
}
