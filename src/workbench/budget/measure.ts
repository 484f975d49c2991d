import { CancelledError, defined, percentile } from '../../base/index.ts';
import { type Bundle, chooseVariant, type VariantKind } from '../../model/index.ts';
import { measureLatency } from '../../perception/index.ts';
import { createDetector, type EngineChoice } from '../../runtime/index.ts';
import type { WorkPorts } from '../ports.ts';

export interface MeasureOptions {
  readonly engine: EngineChoice;
  readonly variant?: VariantKind;
  readonly threads: number;
}

export interface MeasuredBudgets {
  readonly engine: string;
  /** Why this engine. */
  readonly reason: string;
  readonly kind: VariantKind;
  /** Of the slowest of some rounds. */
  readonly p95LatencyMs: number;
  /** That the process holds more with the model than without. */
  readonly memoryBytes: number;
}

/** One round may fall into a quiet moment of the machine. */
const rounds = 5;

/** As a device measures it before a model goes live: grey frames of the network's size, and the process's memory. */
export async function measureBudgets(
  bundle: Bundle,
  { engine: choice, variant, threads }: MeasureOptions,
  { log, signal }: Pick<WorkPorts, 'log' | 'signal'>,
): Promise<MeasuredBudgets> {
  const beforeBytes = process.memoryUsage.rss();
  const request = { engine: choice, threads, log, ...defined({ variant }) };
  const { detector, engine, reason } = await createDetector(bundle, request);
  try {
    const p95s: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const timesMs = await measureLatency(detector, () => {
        if (signal.aborted) throw new CancelledError('The measurement');
      });
      p95s.push(percentile(timesMs, 0.95));
    }
    return {
      ...{ engine, reason, kind: variant ?? chooseVariant(bundle.manifest, engine).variant.kind },
      p95LatencyMs: Math.max(...p95s),
      memoryBytes: process.memoryUsage.rss() - beforeBytes,
    };
  } finally {
    await detector.close();
  }
}
