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

/** Resolves after `delayMs`, or as soon as `signal` is aborted. Leaves no timer and no listener behind. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const end = () => {
      cancel();
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const cancel = clock.after(delayMs, end);
    signal?.addEventListener('abort', end);
  });
}

/** Resolves with `work`, or when the time is over; rejects when `work` does. Leaves no timer behind. */
export function within(clock: Clock, limitMs: number, work: Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(limitMs, resolve);
    work.then(resolve, reject).finally(cancel);
  });
}
