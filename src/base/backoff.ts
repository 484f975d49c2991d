export interface Backoff {
  readonly firstMs: number;
  readonly maxMs: number;
}

/**
 * Delay before retry `attempt` (0 = first retry): exponential, with "equal jitter", one half fixed and one half random,
 * so that a fleet that lost its broker does not come back in one wave and nobody retries at once. The name is that of
 * "Exponential Backoff And Jitter" (AWS Architecture Blog, 2015). `random` gives [0, 1).
 */
export function backoffMs(policy: Backoff, attempt: number, random: () => number): number {
  const ceilingMs = Math.min(policy.maxMs, policy.firstMs * 2 ** Math.min(attempt, 30));
  const halfMs = ceilingMs / 2;
  return Math.max(1, Math.round(halfMs + halfMs * random()));
}
