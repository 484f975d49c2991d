/** What is known of the time when old data is to be dropped. */
export interface TimeEvidence {
  /** The time that was trusted last; undefined while nothing is known, as in an empty database. */
  readonly trustedMs: number | undefined;
  /** How long ago that was, by the monotonic clock. */
  readonly elapsedMs: number;
  readonly wallMs: number;
  /** The middle of what the clocks of the devices say that were heard lately; undefined when none was. */
  readonly devicesMs: number | undefined;
}

export interface TimeDecision {
  /** `steady`: as expected. `behind`: set back. `catching-up`: ahead, and devices agree. `held`: ahead, and none does. */
  readonly state: 'steady' | 'behind' | 'catching-up' | 'held';
  /** Rows are as old as they are at this time. */
  readonly nowMs: number;
  readonly trustedMs: number;
}

const toleranceMs = 3_600_000;
/** Of history that one run may bring out of its time limit after a jump. */
const maxStepMs = 86_400_000;

/**
 * The time by which old data is dropped. A wall clock that jumps ahead deletes nothing by itself: devices must say the
 * same, and even then one run goes a day further at most. A clock that is set back only makes data younger.
 */
export function decideRetentionTime({ trustedMs, elapsedMs, wallMs, devicesMs }: TimeEvidence): TimeDecision {
  const expectedMs = (trustedMs ?? wallMs) + elapsedMs;
  const agreed = devicesMs !== undefined && Math.abs(devicesMs - wallMs) <= toleranceMs;
  if (wallMs > expectedMs + toleranceMs) {
    if (!agreed) return { state: 'held', nowMs: expectedMs, trustedMs: expectedMs };
    const nowMs = Math.min(wallMs, expectedMs + maxStepMs);
    return { state: nowMs === wallMs ? 'steady' : 'catching-up', nowMs, trustedMs: nowMs };
  }
  if (wallMs >= expectedMs - toleranceMs) return { state: 'steady', nowMs: wallMs, trustedMs: wallMs };
  // Without a second opinion the higher time is kept, so that the clock may come back to it at once.
  return { state: 'behind', nowMs: wallMs, trustedMs: agreed ? wallMs : expectedMs };
}

/** The middle one; undefined of none. */
export function medianOf(values: readonly number[]): number | undefined {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}
