import type { Manifest } from './manifest.ts';

export type Budgets = NonNullable<Manifest['budgets']>;

/**
 * How much worse than measured a budget lets a device be. A budget is held to on other machines of the same class, warm,
 * and while the model before still serves; one without room refuses a good model, one with too much refuses nothing.
 */
export interface BudgetHeadroom {
  /** Times the p95 that was measured, and so many milliseconds. */
  readonly latency: number;
  readonly latencyMs: number;
  /** Times the memory that was measured, and so many bytes. */
  readonly memory: number;
  readonly memoryBytes: number;
  /** Share of the mAP that was measured. */
  readonly map: number;
}

const megabyte = 1_000_000;

/**
 * - latency 2.5: during the check the old model shares the cores (2), and a board that is hot clocks lower (1.25); 10 ms: a
 *   camera's picture is larger than the network's, and a busy machine lets even a tiny network wait
 * - memory 1.5: another engine or allocator keeps more; 64 MB: the process grows by itself meanwhile
 * - map 0.95: engines round differently; a lost zero point or swapped colours cost far more
 */
export const budgetHeadroom: BudgetHeadroom = {
  latency: 2.5,
  latencyMs: 10,
  memory: 1.5,
  memoryBytes: 64 * megabyte,
  map: 0.95,
};

/** Rounded up to whole milliseconds and megabytes. */
export function budgetsFrom(
  measured: { readonly p95LatencyMs: number; readonly memoryBytes: number },
  headroom: BudgetHeadroom = budgetHeadroom,
): Required<Pick<Budgets, 'p95LatencyMs' | 'memoryBytes'>> {
  // What an engine took from memory that was free already can't be seen from outside.
  const heldBytes = Math.max(0, measured.memoryBytes);
  return {
    p95LatencyMs: Math.ceil(measured.p95LatencyMs * headroom.latency + headroom.latencyMs),
    memoryBytes: Math.ceil((heldBytes * headroom.memory + headroom.memoryBytes) / megabyte) * megabyte,
  };
}

/** Rounded down to a tenth of a point. */
export function mapBudgetFrom(
  measured: number,
  { map }: Pick<BudgetHeadroom, 'map'> = budgetHeadroom,
): number {
  return Math.floor(measured * map * 1000) / 1000;
}
