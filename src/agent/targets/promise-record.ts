import type { MissReason, Verdict } from './judge.ts';
import type { CameraPromise } from './promise.ts';

/** A miss, or its end, that lasts shorter is not told: a window is never exact. */
const tellAfterMs = 15_000;

type Change =
  | { readonly kept: true; readonly forMs: number }
  | { readonly kept: false; readonly verdict: Verdict };

/** How one promise was kept, over time. */
export class PromiseRecord {
  readonly #promise: CameraPromise;
  readonly #missedSeconds = new Map<MissReason, number>();
  #keptSeconds = 0;
  #last: Verdict | undefined;
  /** As it was told. */
  #told: { readonly verdict: Verdict; readonly sinceMs: number } | undefined;
  /** Since when it is other than it was told. */
  #otherMs: number | undefined;

  constructor(promise: CameraPromise) {
    this.#promise = promise;
  }

  /** `verdict`: undefined where nothing is promised now. What is to be told, if anything. */
  next(verdict: Verdict | undefined, seconds: number, nowMs: number): Change | undefined {
    this.#last = verdict;
    const missed = verdict?.missed;
    if (missed !== undefined)
      this.#missedSeconds.set(missed, (this.#missedSeconds.get(missed) ?? 0) + seconds);
    else if (verdict !== undefined) this.#keptSeconds += seconds;
    if ((missed === undefined) === (this.#told === undefined)) {
      this.#otherMs = undefined;
      // The newest reason stands in what is reported.
      if (this.#told !== undefined && verdict !== undefined) this.#told = { ...this.#told, verdict };
      return undefined;
    }
    this.#otherMs ??= nowMs;
    if (nowMs - this.#otherMs < tellAfterMs) return undefined;
    const sinceMs = this.#otherMs;
    this.#otherMs = undefined;
    if (this.#told !== undefined) {
      const forMs = sinceMs - this.#told.sinceMs;
      this.#told = undefined;
      return { kept: true, forMs };
    }
    if (verdict === undefined) return undefined;
    this.#told = { verdict, sinceMs };
    return { kept: false, verdict };
  }

  get reading() {
    const verdict = this.#last;
    return {
      ...this.#promise,
      keptSeconds: this.#keptSeconds,
      missedSeconds: [...this.#missedSeconds].map(([reason, seconds]) => ({ reason, seconds })),
      ...(verdict === undefined ? {} : { kept: verdict.missed === undefined }),
      ...(this.#told === undefined
        ? {}
        : { missed: { reason: this.#told.verdict.missed!, what: this.#told.verdict.what } }),
    };
  }
}
