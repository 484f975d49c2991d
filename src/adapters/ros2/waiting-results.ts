import { asGoshawkError, type Cancel, type Clock } from '../../base/index.ts';
import type { MissingPlace } from './missing-place.ts';

/** Why a result can't go out, and whether that may still change. */
export interface Postponed {
  readonly why: MissingPlace;
  readonly final: boolean;
}

/** Brings a result out; again and again, until it is out or its time is over. The last time with what there is. */
export type Attempt = (last: boolean) => Postponed | undefined;

export interface WaitingResultsOptions {
  readonly clock: Clock;
  /** A result waits for so long. */
  readonly waitMs: number;
  /** Told why one of them is given up. */
  readonly refused: (why: MissingPlace) => void;
}

/** One cause is told once in this time, also where it comes and goes; and so many of them. */
const tellAgainMs = 10_000;
const mostTold = 16;

/** More results than come in the longest wait; the oldest one gives way. */
const most = 64;

/** Results of one camera in their order, each until what it needs has come or its time is over. */
export class WaitingResults {
  readonly #options: WaitingResultsOptions;
  readonly #waiting: { readonly attempt: Attempt; untilMs: number }[] = [];
  #cancelTimer: Cancel | undefined;
  readonly #told = new Map<string, number>();

  constructor(options: WaitingResultsOptions) {
    this.#options = options;
  }

  offer(attempt: Attempt): void {
    const { clock, waitMs } = this.#options;
    const nowMs = clock.monotonicMs();
    this.#waiting.push({ attempt, untilMs: nowMs + waitMs });
    const [first] = this.#waiting;
    if (this.#waiting.length > most && first !== undefined) first.untilMs = nowMs;
    this.look();
  }

  /** Whenever something came that may have been waited for. */
  look(): void {
    for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
      const leftMs = first.untilMs - this.#options.clock.monotonicMs();
      const postponed = tried(first.attempt, leftMs <= 0);
      if (postponed !== undefined && !postponed.final && leftMs > 0) {
        this.#lookAgain(leftMs);
        return;
      }
      this.#waiting.shift();
      if (postponed !== undefined) this.#refuse(postponed.why);
    }
  }

  close(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#waiting.length = 0;
  }

  #refuse(why: MissingPlace): void {
    const nowMs = this.#options.clock.monotonicMs();
    for (const [about, atMs] of this.#told) if (nowMs - atMs >= tellAgainMs) this.#told.delete(about);
    if (this.#told.has(why.about) || this.#told.size >= mostTold) return;
    this.#told.set(why.about, nowMs);
    this.#options.refused(why);
  }

  #lookAgain(afterMs: number): void {
    this.#cancelTimer ??= this.#options.clock.after(Math.max(1, afterMs), () => {
      this.#cancelTimer = undefined;
      this.look();
    });
  }
}

/** An error of it ends only this result: its caller is a timer, or a topic. */
function tried(attempt: Attempt, last: boolean): Postponed | undefined {
  try {
    return attempt(last);
  } catch (error) {
    const { code, message: reason, remedy } = asGoshawkError(error, 'sink-failed');
    return { why: { about: code, reason, ...(remedy === '' ? {} : { remedy }) }, final: true };
  }
}
