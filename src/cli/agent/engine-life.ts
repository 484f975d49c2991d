import type { PlanKeeper } from '../../../device/native/index.ts';
import type { DetectorFactory, ModelCheck, Occurrence, StopSignal } from '../../agent/index.ts';
import { CancelledError, describeError, type Log } from '../../base/index.ts';
import type { Bundle } from '../../model/index.ts';
import type { Detector } from '../../perception/index.ts';
import { type ChosenDetector, createDetector, type DetectorRequest } from '../detectors.ts';
import { fallbackOccurrence } from './engine-news.ts';

export interface EngineLifePorts {
  readonly request: DetectorRequest;
  readonly plans: PlanKeeper;
  /** Before a better engine takes over for the same model. */
  readonly check: ModelCheck;
  readonly log: Log;
  readonly tell: (occurrence: Occurrence) => void;
}

/**
 * Engines over the agent's life.
 *
 * - At the start a plan that is missing is not waited for: another engine serves, the plan is built, then they change
 *   places. Where nothing else runs the model the start waits for the build.
 * - For an order the plan is built while the old model serves, and an order lets a quarantined engine be tried again.
 * - An order ends the build for the model that it replaces: two would not fit into a board's memory.
 */
export class EngineLife implements DetectorFactory {
  readonly #ports: EngineLifePorts;
  readonly #background = new AbortController();
  #working: Promise<void> = Promise.resolve();

  constructor(ports: EngineLifePorts) {
    this.#ports = ports;
  }

  /** What serves first. */
  async first(bundle: Bundle): Promise<ChosenDetector> {
    const chosen = await createDetector(bundle, { ...this.#request(), buildPlan: 'later' });
    this.#report(chosen);
    return chosen;
  }

  async create(
    bundle: Bundle,
    progress: (done: number | undefined) => void,
    stop: StopSignal,
  ): Promise<Detector> {
    this.#background.abort();
    await this.#working;
    const controller = new AbortController();
    stop.onStop(() => controller.abort());
    // Where TensorRT does not open there is nothing to allow either.
    await this.#ports.plans.order(bundle).catch(() => undefined);
    const request = { ...this.#request(), onProgress: progress, signal: controller.signal };
    const chosen = await createDetector(bundle, request);
    this.#report(chosen);
    return chosen.detector;
  }

  /** Builds the plan that was missing at the start; `change` puts the new detector in the old one's place and owns it. */
  upgrade(bundle: Bundle, change: (detector: Detector) => Promise<boolean>): void {
    const { signal } = this.#background;
    this.#working = (async () => {
      try {
        const { detector } = await createDetector(bundle, { ...this.#request(), engine: 'tensorrt', signal });
        try {
          await this.#ports.check.check(bundle, detector, stopOf(signal));
        } catch (error) {
          await detector.close();
          throw error;
        }
        await change(detector);
      } catch (error) {
        if (error instanceof CancelledError) return;
        this.#ports.log.warn('The engine stays as it is', { reason: describeError(error) });
        this.#ports.tell({
          kind: 'engine.fallback',
          severity: 'warning',
          message: `${bundle.manifest.name} ${bundle.manifest.version} stays without tensorrt: ${describeError(error)}`,
        });
      }
    })();
  }

  async close(): Promise<void> {
    this.#background.abort();
    await this.#working;
  }

  #request(): DetectorRequest {
    return { ...this.#ports.request, plans: this.#ports.plans };
  }

  #report(chosen: ChosenDetector): void {
    const occurrence = fallbackOccurrence(chosen);
    if (occurrence !== undefined) this.#ports.tell(occurrence);
  }
}

function stopOf(signal: AbortSignal): StopSignal {
  return {
    get stopped() {
      return signal.aborted;
    },
    onStop: (listener) => signal.addEventListener('abort', listener, { once: true }),
  };
}
