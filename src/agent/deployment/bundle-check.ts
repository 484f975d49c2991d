import { CancelledError } from '../../base/index.ts';
import {
  type Bundle,
  checkAccuracyBudget,
  checkAgreement,
  checkLatencyBudget,
  checkMemoryBudget,
  chooseVariant,
  type EngineName,
  hasGoldenSet,
} from '../../model/index.ts';
import { type Detector, measureLatency, runGolden } from '../../perception/index.ts';
import type { GoldenFiles, ModelCheck } from '../ports.ts';

export interface BundleCheckPorts {
  readonly golden: GoldenFiles;
  /** Resident set of this process. */
  readonly memoryBytes: () => number;
}

/**
 * Holds a prepared model to what its bundle promises, on the engine and the board that will run it: the golden set must
 * come out as fp32 had it and as right as the set asks for, and latency and memory must keep the budgets (`minMap`, of the
 * evaluation set, is kept where the variant is chosen). What the bundle does not name is not checked. The old model serves meanwhile and shares the machine, so a
 * latency that passes here passes alone too.
 */
export class BundleCheck implements ModelCheck {
  readonly #ports: BundleCheckPorts;

  constructor(ports: BundleCheckPorts) {
    this.#ports = ports;
  }

  heldBytes(): number {
    return this.#ports.memoryBytes();
  }

  async check(bundle: Bundle, detector: Detector, signal: AbortSignal, beforeBytes?: number): Promise<void> {
    const { manifest } = bundle;
    const { p95LatencyMs, memoryBytes } = manifest.budgets ?? {};
    if (p95LatencyMs !== undefined)
      checkLatencyBudget(await measureLatency(detector, () => giveUp(signal)), p95LatencyMs);
    // Before pictures are decoded: what that takes is not the model's.
    if (memoryBytes !== undefined && beforeBytes !== undefined)
      checkMemoryBudget(this.heldBytes() - beforeBytes, memoryBytes);
    if (hasGoldenSet(manifest)) await this.#checkGolden(bundle, detector, signal);
  }

  async #checkGolden(bundle: Bundle, detector: Detector, signal: AbortSignal): Promise<void> {
    const { golden } = this.#ports;
    const set = await golden.read(bundle);
    const { engine } = detector.identity;
    const { kind } = chooseVariant(bundle.manifest, engine as EngineName).variant;
    const picture = (file: string) => golden.picture(bundle, file);
    const result = await runGolden(set, detector, picture, () => giveUp(signal));
    checkAgreement(set, kind, engine, result);
    checkAccuracyBudget(set, kind, engine, result);
  }
}

function giveUp(signal: AbortSignal): void {
  if (signal.aborted) throw new CancelledError('The check of the model');
}
