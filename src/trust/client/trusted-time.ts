/**
 * What time it is at least, for boards whose clock may say anything. Signed metadata says when it was signed, and the time
 * since then is measured by a clock that can't be set; the clock of the wall counts where it is later than that.
 *
 * A wall clock that runs ahead is believed only for as long as it says so, and never kept: it would make everything expired
 * for ever.
 */
export class TrustedTime {
  #atLeastMs: number;
  #sinceMs: number;

  constructor(keptMs: number, monotonicMs: number) {
    this.#atLeastMs = keptMs;
    this.#sinceMs = monotonicMs;
  }

  /** For checks of what has expired. */
  nowMs(wallMs: number, monotonicMs: number): number {
    return Math.max(wallMs, this.keptMs(monotonicMs));
  }

  /** What is worth keeping over a restart. */
  keptMs(monotonicMs: number): number {
    return this.#atLeastMs + Math.max(0, monotonicMs - this.#sinceMs);
  }

  /** Something that is believed was signed at that time. */
  saw(issuedMs: number, monotonicMs: number): void {
    if (issuedMs <= this.keptMs(monotonicMs)) return;
    this.#atLeastMs = issuedMs;
    this.#sinceMs = monotonicMs;
  }
}
