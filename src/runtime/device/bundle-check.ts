import type { ModelCheck } from '../../agent/index.ts';
import { CancelledError, LimitError, RefusedError } from '../../base/index.ts';
import { percentile } from '../../base/percentile.ts';
import { type Bundle, chooseVariant, type EngineName } from '../../model/index.ts';
import { type Detector, defaultDetectionSettings, type Frame } from '../../perception/index.ts';
import { goldenPath, readGolden, runGolden } from '../../workbench/optimize/golden.ts';

/** Frames of the latency check; the first ones after a warm-up still settle caches, so a few more than p95 needs. */
const latencyFrames = 40;

/**
 * Holds a prepared model to what its bundle promises, on the engine and the board that will run it: the golden set must
 * come out as fp32 had it, and latency and memory must keep the budgets (the least accuracy is kept where the variant is
 * chosen). What the bundle does not name is not checked. The old model serves meanwhile and shares the machine, so a
 * latency that passes here passes alone too.
 */
export class BundleCheck implements ModelCheck {
  async check(bundle: Bundle, detector: Detector, signal: AbortSignal): Promise<void> {
    const { manifest } = bundle;
    if (manifest.attachments?.some(({ path }) => path === goldenPath) === true) {
      await checkGolden(bundle, detector, signal);
    }
    const { p95LatencyMs, memoryBytes } = manifest.budgets ?? {};
    if (p95LatencyMs !== undefined) await checkLatency(detector, p95LatencyMs, signal);
    if (memoryBytes !== undefined) checkMemory(memoryBytes);
  }
}

async function checkGolden(bundle: Bundle, detector: Detector, signal: AbortSignal): Promise<void> {
  const set = await readGolden(bundle);
  const { kind } = chooseVariant(bundle.manifest, detector.identity.engine as EngineName).variant;
  const { agreement, worst } = await runGolden(bundle, set, detector, () => giveUp(signal));
  const wanted = set.minAgreement[kind] ?? set.minAgreement.fp32 ?? 1;
  if (agreement >= wanted) return;
  throw new RefusedError(
    'golden-parity',
    `${kind} on ${detector.identity.engine} agrees with fp32 on ${(agreement * 100).toFixed(1)} % of the golden set, ${(wanted * 100).toFixed(1)} % is needed (worst: ${worst.map(({ file }) => file).join(', ')}).`,
    'The engine of this board computes something else than the model. Run `goshawk model check` on it, or deploy another variant.',
  );
}

async function checkLatency(detector: Detector, budgetMs: number, signal: AbortSignal): Promise<void> {
  const times: number[] = [];
  for (let sequence = 0; sequence < latencyFrames; sequence++) {
    giveUp(signal);
    const { timings } = await detector.detect(greyFrame(detector, sequence), defaultDetectionSettings);
    times.push(timings.preprocessMs + timings.inferMs + timings.postprocessMs);
  }
  const p95 = percentile(times, 0.95);
  if (p95 <= budgetMs) return;
  throw new LimitError(
    'budget-latency',
    `A frame takes ${p95.toFixed(1)} ms (p95 of ${latencyFrames}) on this board; the bundle's budget is ${budgetMs} ms.`,
    'Deploy a smaller or a quantized variant here, or raise the budget for this class of boards.',
  );
}

function checkMemory(budgetBytes: number): void {
  const used = process.memoryUsage.rss();
  if (used <= budgetBytes) return;
  throw new LimitError(
    'budget-memory',
    `With this model the agent holds ${(used / 1e6).toFixed(0)} MB; the bundle's budget is ${(budgetBytes / 1e6).toFixed(0)} MB.`,
    'Deploy a smaller model here, or raise the budget for this class of boards.',
  );
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
