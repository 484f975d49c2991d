/** Cancels a pending timer; harmless when called twice or too late. */
export type Cancel = () => void;

/** Time as a port: pure rooms never look at the machine's clock or set a timer themselves. */
export interface Clock {
  /** Wall clock, milliseconds since 1970 (UTC). It can jump, backwards too. */
  wallMs(): number;
  /** Wall clock in nanoseconds, for camera stamps. */
  wallNs(): bigint;
  /** Never goes back; for durations only. Milliseconds with a fraction. */
  monotonicMs(): number;
  /** Calls `run` once after `delayMs`. */
  after(delayMs: number, run: () => void): Cancel;
  /** Calls `run` every `periodMs` until cancelled. */
  every(periodMs: number, run: () => void): Cancel;
}

/** Resolves after `delayMs` on the given clock. */
export function sleep(clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(delayMs, resolve);
  });
}
