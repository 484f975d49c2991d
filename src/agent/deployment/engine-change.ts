import type { Bundle } from '../../model/index.ts';
import type { Detector } from '../../perception/index.ts';
import type { ServingDetector } from './serving-detector.ts';
import type { WorkSlot } from './work-slot.ts';

export interface EngineChangePorts {
  readonly serving: ServingDetector;
  readonly work: WorkSlot;
  /** No deployment is under way; a change of engine may be. */
  readonly settled: () => boolean;
  /** An order was taken, but its first step is not noted yet. */
  readonly ordering: () => boolean;
  readonly closing: () => boolean;
  /** The change is done, but for its probation. */
  readonly swapped: () => void;
}

/** Other engines for the model that serves. An order goes before a better one; whoever gives a detector need not close it. */
export class EngineChange {
  readonly #ports: EngineChangePorts;

  constructor(ports: EngineChangePorts) {
    this.#ports = ports;
  }

  /**
   * Puts the model that serves on a better engine, with a probation like that of a new model. False, and the detector is
   * closed, where another model serves or is under way, or an order comes meanwhile. Rejects with the reason why the
   * engine before it serves again.
   */
  async upgrade(bundle: Bundle, detector: Detector): Promise<boolean> {
    const { serving, work } = this.#ports;
    if (!this.#mayChangeTo(detector)) {
      await serving.leave(detector);
      return false;
    }
    return work.begin((signal) => this.#change(bundle, detector, signal));
  }

  /**
   * Puts the model that serves on another detector at once, because the one before does badly: nothing goes back to it. A
   * deployment under way goes on beside it. False, and the detector is closed, where another model serves.
   */
  async replace(detector: Detector): Promise<boolean> {
    const { serving, work, settled, closing } = this.#ports;
    // A better engine in its probation gives way.
    if (settled()) await work.supersede();
    if (serving.identity.digest !== detector.identity.digest || closing()) {
      await serving.leave(detector);
      return false;
    }
    const old = serving.detector;
    await serving.swap(detector);
    void serving.leave(old);
    return true;
  }

  #isFree(): boolean {
    const { settled, ordering, closing } = this.#ports;
    return !closing() && !ordering() && settled();
  }

  #mayChangeTo({ identity }: Detector): boolean {
    return identity.digest === this.#ports.serving.identity.digest && this.#isFree();
  }

  async #change(bundle: Bundle, detector: Detector, signal: AbortSignal): Promise<boolean> {
    const { serving, closing, swapped } = this.#ports;
    const old = serving.detector;
    try {
      await serving.swapAndWatch(bundle, detector, signal, async () => swapped());
    } catch (error) {
      if (closing()) {
        // Whoever closes closes what serves.
        await serving.leave(old);
        return false;
      }
      await serving.swap(old);
      await serving.leave(detector);
      if (signal.aborted) return false;
      throw error;
    }
    await serving.leave(old);
    return true;
  }
}
