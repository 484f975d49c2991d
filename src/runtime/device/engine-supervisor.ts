import type { EngineCacheManager } from '../../../device/native/index.ts';
import type { AgentEvent, DetectorFactory, ModelCheck } from '../../agent/index.ts';
import { CancelledError, describeError, type Log } from '../../base/index.ts';
import type { Bundle } from '../../model/index.ts';
import type { Detector, DetectorIdentity } from '../../perception/index.ts';
import { type ChosenDetector, createDetector, type DetectorRequest } from '../engines/detectors.ts';
import { engineChoiceEvent } from './engine-events.ts';

export interface EngineSupervisorPorts {
  readonly request: DetectorRequest;
  readonly plans: EngineCacheManager;
  /** Before a better engine takes over for the same model. */
  readonly check: ModelCheck;
  readonly log: Log;
  readonly reportEvent: (event: AgentEvent) => void;
}

/** A model that serves on another engine because its plan is not there yet, or not proven. */
interface Pending {
  readonly bundle: Bundle;
  /**
   * Puts the detector in the old one's place, watches it, and owns it. False: an order came between. Rejects where it did
   * badly and the old one serves again.
   */
  readonly change: (detector: Detector) => Promise<boolean>;
}

/**
 * Engines over the agent's life.
 *
 * - At the start a plan that is missing is not waited for: another engine serves, the plan is built, checked and watched,
 *   then they have changed places. Where nothing else runs the model the start waits for the build.
 * - For an order the plan is built while the old model serves, and an order lets a quarantined engine be tried again.
 * - An order ends the build for the model that it replaces: two would not fit into a board's memory. Where the order
 *   leads to nothing and the old model goes on, so does its build.
 * - A plan serves from the first frame only after it was checked and watched once; one that failed there is quarantined.
 */
export class EngineSupervisor implements DetectorFactory {
  readonly #ports: EngineSupervisorPorts;
  #background = new AbortController();
  #pending: Pending | undefined;
  #ordered: Bundle | undefined;
  #working: Promise<void> | undefined;
  /** A deployment ended while we were at work: look again. */
  #again = false;
  #closed = false;

  constructor(ports: EngineSupervisorPorts) {
    this.#ports = ports;
  }

  /** What serves first. */
  async first(bundle: Bundle): Promise<ChosenDetector> {
    const chosen = await createDetector(bundle, { ...this.#request(), buildPlan: 'later' });
    this.#ports.reportEvent(engineChoiceEvent(chosen));
    return chosen;
  }

  async create(
    bundle: Bundle,
    progress: (done: number | undefined) => void,
    signal: AbortSignal,
  ): Promise<Detector> {
    this.#ordered = bundle;
    this.#background.abort();
    await this.#working;
    // Where TensorRT does not open there is nothing to allow either.
    await this.#ports.plans.order(bundle).catch(() => undefined);
    const request = { ...this.#request(), onProgress: progress, signal };
    const chosen = await createDetector(bundle, request);
    this.#ports.reportEvent(engineChoiceEvent(chosen));
    return chosen.detector;
  }

  /** Builds the plan that was missing at the start, or proves it, and changes to it. */
  upgrade(bundle: Bundle, change: Pending['change']): void {
    this.#pending = { bundle, change };
    this.#work();
  }

  settled(serving: DetectorIdentity): void {
    const ordered = this.#ordered;
    this.#ordered = undefined;
    const onTensorrt = serving.engine === 'tensorrt';
    if (ordered?.digest === serving.digest && onTensorrt) void this.#prove(ordered);
    if (this.#pending?.bundle.digest !== serving.digest || onTensorrt) this.#pending = undefined;
    this.#again = this.#working !== undefined;
    this.#work();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#background.abort();
    await this.#working;
  }

  #work(): void {
    const pending = this.#pending;
    if (pending === undefined || this.#working !== undefined || this.#ordered !== undefined || this.#closed)
      return;
    if (this.#background.signal.aborted) this.#background = new AbortController();
    this.#working = this.#improve(pending, this.#background.signal).finally(() => {
      this.#working = undefined;
      if (this.#again) this.#work();
      this.#again = false;
    });
  }

  async #improve(pending: Pending, signal: AbortSignal): Promise<void> {
    const { bundle, change } = pending;
    const forget = () => {
      if (this.#pending === pending) this.#pending = undefined;
    };
    let built = false;
    try {
      const request = { ...this.#request(), engine: 'tensorrt', signal } as const;
      const chosen = await createDetector(bundle, request);
      const { detector } = chosen;
      built = true;
      try {
        await this.#ports.check.check(bundle, detector, signal);
      } catch (error) {
        await detector.close();
        throw error;
      }
      if (!(await change(detector))) return;
      forget();
      this.#ports.reportEvent(
        engineChoiceEvent({ ...chosen, reason: 'its plan is there and was checked and watched' }),
      );
      await this.#prove(bundle);
    } catch (error) {
      if (error instanceof CancelledError) return;
      forget();
      const reason = describeError(error);
      if (built) await this.#reject(bundle, reason);
      this.#ports.log.warn('The engine stays as it is', { reason });
      this.#ports.reportEvent({
        kind: 'engine.fallback',
        severity: 'warning',
        message: `${bundle.manifest.name} ${bundle.manifest.version} stays without tensorrt: ${reason}`,
      });
    }
  }

  /** A note that can't be written costs a check at the next start. */
  async #prove(bundle: Bundle): Promise<void> {
    await this.#ports.plans.prove(bundle).catch((error: unknown) => this.#notNoted(error));
  }

  async #reject(bundle: Bundle, reason: string): Promise<void> {
    await this.#ports.plans.reject(bundle, reason).catch((error: unknown) => this.#notNoted(error));
  }

  #notNoted(error: unknown): void {
    this.#ports.log.warn('How the engine did is not noted', { reason: describeError(error) });
  }

  #request(): DetectorRequest {
    return { ...this.#ports.request, plans: this.#ports.plans };
  }
}
