import { CancelledError } from '../../base/index.ts';
import {
  type Bundle,
  checkAgreement,
  checkLatencyBudget,
  checkMemoryBudget,
  chooseVariant,
  type EngineName,
  hasGoldenSet,
} from '../../model/index.ts';
import { type Detector, defaultDetectionSettings, type Frame, runGolden } from '../../perception/index.ts';
import type { GoldenFiles, ModelCheck } from '../ports.ts';

/** Frames of the latency check; the first ones after a warm-up still settle caches, so a few more than p95 needs. */
const latencyFrames = 40;

export interface BundleCheckPorts {
  readonly golden: GoldenFiles;
  /** Resident set of this process. */
  readonly memoryBytes: () => number;
}

/**
 * Holds a prepared model to what its bundle promises, on the engine and the board that will run it: the golden set must
 * come out as fp32 had it, and latency and memory must keep the budgets (the least accuracy is kept where the variant is
 * chosen). What the bundle does not name is not checked. The old model serves meanwhile and shares the machine, so a
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

  async check(bundle: Bundle, detector: Detector, signal: AbortSignal, beforeBytes = 0): Promise<void> {
    const { manifest } = bundle;
    if (hasGoldenSet(manifest)) await this.#checkGolden(bundle, detector, signal);
    const { p95LatencyMs, memoryBytes } = manifest.budgets ?? {};
    if (p95LatencyMs !== undefined) checkLatencyBudget(await measureLatency(detector, signal), p95LatencyMs);
    if (memoryBytes !== undefined) checkMemoryBudget(this.heldBytes() - beforeBytes, memoryBytes);
  }

  async #checkGolden(bundle: Bundle, detector: Detector, signal: AbortSignal): Promise<void> {
    const { golden } = this.#ports;
    const set = await golden.read(bundle);
    const { engine } = detector.identity;
    const { kind } = chooseVariant(bundle.manifest, engine as EngineName).variant;
    const picture = (file: string) => golden.picture(bundle, file);
    const result = await runGolden(set, detector, picture, () => giveUp(signal));
    checkAgreement(set, kind, engine, result);
  }
}

/** Milliseconds of each frame, by the detector's own clock. */
async function measureLatency(detector: Detector, signal: AbortSignal): Promise<number[]> {
  const timesMs: number[] = [];
  for (let sequence = 0; sequence < latencyFrames; sequence++) {
    giveUp(signal);
    const { timings } = await detector.detect(greyFrame(detector, sequence), defaultDetectionSettings);
    timesMs.push(timings.preprocessMs + timings.inferMs + timings.postprocessMs);
  }
  return timesMs;
}

/** A frame of the network's own size: what is on it does not matter for time. */
function greyFrame(detector: Detector, sequence: number): Frame {
  const { inputWidth: width, inputHeight: height } = detector.identity;
  return {
    camera: 'check',
    sequence,
    stampNs: 0n,
    frameId: 'check',
    width,
    height,
    encoding: 'rgb8',
    step: width * 3,
    pixels: { data: new Uint8Array(width * height * 3).fill(127), release() {} },
  };
}

function giveUp(signal: AbortSignal): void {
  if (signal.aborted) throw new CancelledError('The check of the model');
}
