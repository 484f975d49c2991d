export interface Backoff {
  readonly firstMs: number;
  readonly maxMs: number;
}

/**
 * Delay before attempt `attempt` (0 = first retry): exponential with full jitter, so that a fleet that lost its broker
 * does not come back in one wave (AWS Architecture Blog, "Exponential Backoff And Jitter", 2015).
 * `random` gives [0, 1).
 */
export function backoffMs(policy: Backoff, attempt: number, random: () => number): number {
  const ceiling = Math.min(policy.maxMs, policy.firstMs * 2 ** Math.min(attempt, 30));
  return Math.max(1, Math.round(ceiling * (0.5 + 0.5 * random())));
}
