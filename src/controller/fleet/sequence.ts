/** What the place of a batch in the numbering of its device says. */
export type Arrival =
  | { readonly kind: 'next' }
  /** Sent again, filling a gap, or of an older session; the store knows whether it is new. */
  | { readonly kind: 'earlier' }
  | { readonly kind: 'gap'; readonly missing: number }
  /**
   * A jump where this life, or this connection, of the controller has not caught up: what lies between was sent to the one
   * before it, or to nobody, is acknowledged by nobody, and comes again.
   */
  | { readonly kind: 'interrupted'; readonly missing: number };

/** Follows the batch numbers of one device: 0, 1, 2 ... within a session; sessions only grow. */
export class SequenceTracker {
  #session: number | undefined;
  #next = 0;
  /**
   * A batch came while it was new: from it on each one was sent to us. A late one says nothing of those behind it, which
   * may lie on the device until their own time to be sent again comes.
   */
  #caughtUp = false;

  /** Where the database stands, so that a restarted controller notices what it missed. */
  resume(session: number, lastSequence: number): void {
    this.#session = session;
    this.#next = lastSequence + 1;
    this.#caughtUp = false;
  }

  /** For a while nothing reached us. */
  interrupt(): void {
    this.#caughtUp = false;
  }

  /**
   * `thinned`: batches right before this one that the device gave up on purpose. `late`: it comes long after it was made, or
   * again.
   */
  arrive(session: number, sequence: number, thinned: number, late = false): Arrival {
    if (this.#session === undefined) {
      // Nothing is known of it: whatever it sends first is where we begin.
      this.#session = session;
      this.#next = sequence + 1;
      this.#caughtUp = !late;
      return { kind: 'next' };
    }
    if (session < this.#session) return { kind: 'earlier' };
    if (session > this.#session) {
      this.#session = session;
      this.#next = 0;
    }
    if (sequence < this.#next) return { kind: 'earlier' };
    const missing = sequence - this.#next - thinned;
    this.#next = sequence + 1;
    const caughtUp = this.#caughtUp;
    this.#caughtUp ||= !late;
    if (missing <= 0) return { kind: 'next' };
    return { kind: caughtUp ? 'gap' : 'interrupted', missing };
  }
}

export interface RebirthPolicy {
  readonly firstMs: number;
  readonly maxMs: number;
  /** After this long without need the device counts as healthy again. */
  readonly calmMs: number;
}

export const defaultRebirthPolicy: RebirthPolicy = { firstMs: 5_000, maxMs: 600_000, calmMs: 120_000 };

/**
 * When to request the birth of one device again. The first need does at once; a device whose births do not help gets
 * requests ever less often, so that one broken device, or a thousand, make no storm.
 */
export class RebirthGate {
  readonly #policy: RebirthPolicy;
  #attempt = 0;
  #notBeforeMs = Number.NEGATIVE_INFINITY;
  #lastNeedMs = Number.NEGATIVE_INFINITY;

  constructor(policy: RebirthPolicy = defaultRebirthPolicy) {
    this.#policy = policy;
  }

  /** True when the call should be sent now. `nowMs` is monotonic. */
  need(nowMs: number): boolean {
    if (nowMs - this.#lastNeedMs > this.#policy.calmMs && nowMs >= this.#notBeforeMs) this.#attempt = 0;
    this.#lastNeedMs = nowMs;
    if (nowMs < this.#notBeforeMs) return false;
    this.#notBeforeMs =
      nowMs + Math.min(this.#policy.maxMs, this.#policy.firstMs * 2 ** Math.min(this.#attempt, 20));
    this.#attempt += 1;
    return true;
  }
}
