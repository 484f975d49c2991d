import { LimitError, percentile, RefusedError } from '../../base/index.ts';
import type { VariantKind } from '../manifest.ts';
import type { GoldenResult } from './agreement.ts';
import { type GoldenSet, leastAgreement, leastMap } from './golden-set.ts';

/*
 * What a bundle promises, held against what was measured on the engine and the board that will run it. Each throws the
 * error that says what was not reached.
 */

export function checkAgreement(
  set: GoldenSet,
  kind: VariantKind,
  engine: string,
  { agreement, worst }: GoldenResult,
): void {
  const least = leastAgreement(set, kind);
  if (agreement >= least) return;
  throw new RefusedError(
    'golden-parity',
    `${kind} on ${engine} agrees with fp32 on ${(agreement * 100).toFixed(1)} % of the golden set, ${(least * 100).toFixed(1)} % is needed (worst: ${worst.map(({ file }) => file).join(', ')}).`,
    'The engine of this board computes something else than the model. Run `goshawk model check` on it, or deploy another variant.',
  );
}

/** A set that asks for no accuracy, or whose frames nobody labelled, is held to agreement alone. */
export function checkAccuracyBudget(
  set: GoldenSet,
  kind: VariantKind,
  engine: string,
  { map }: GoldenResult,
): void {
  const least = leastMap(set, kind);
  if (least === undefined || map === undefined || map >= least) return;
  throw new RefusedError(
    'budget-map',
    `${kind} on ${engine} has mAP ${(map * 100).toFixed(1)} on the golden set; the bundle's budget is ${(least * 100).toFixed(1)}.`,
    'The engine of this board finds less than the model does elsewhere. Run `goshawk model check` on it, or deploy another variant.',
  );
}

export function checkLatencyBudget(timesMs: readonly number[], budgetMs: number): void {
  const p95 = percentile(timesMs, 0.95);
  if (p95 <= budgetMs) return;
  throw new LimitError(
    'budget-latency',
    `A frame takes ${p95.toFixed(1)} ms (p95 of ${timesMs.length}) on this board; the bundle's budget is ${budgetMs} ms.`,
    'Deploy a smaller or a quantized variant here, or raise the budget for this class of boards.',
  );
}

export function checkMemoryBudget(usedBytes: number, budgetBytes: number): void {
  if (usedBytes <= budgetBytes) return;
  throw new LimitError(
    'budget-memory',
    `Here the model holds ${(usedBytes / 1e6).toFixed(0)} MB; the bundle's budget is ${(budgetBytes / 1e6).toFixed(0)} MB.`,
    'Deploy a smaller model here, or raise the budget for this class of boards.',
  );
}
