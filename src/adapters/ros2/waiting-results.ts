import type { Cancel, Clock } from '../../base/index.ts';
import type { MissingPlace } from './missing-place.ts';

/** Why a result can't go out, and whether that may still change. */
export interface Postponed {
  readonly why: MissingPlace;
  readonly final: boolean;
}

/** Brings a result out; again and again, until it is out or its time is over. */
export type Attempt = () => Postponed | undefined;

export interface WaitingResultsOptions {
  readonly clock: Clock;
  /** A result waits for so long. */
  readonly waitMs: number;
  /** Told why one of them is given up. */
  readonly refused: (why: MissingPlace) => void;
}

/** What is there now in time and now too late is no line of the log each time. */
const tellAgainMs = 10_000;

/** More results than come in the longest wait; the oldest one gives way. */
const most = 64;

/** Results of one camera in their order, each until what it needs has come or its time is over. */
export class WaitingResults {
  readonly #options: WaitingResultsOptions;
  readonly #waiting: { readonly attempt: Attempt; readonly untilMs: number }[] = [];
  #cancelTimer: Cancel | undefined;
  #told: { readonly about: string; readonly atMs: number } | undefined;

  constructor(options: WaitingResultsOptions) {
    this.#options = options;
  }

  offer(attempt: Attempt): void {
    const { clock, waitMs } = this.#options;
    this.#waiting.push({ attempt, untilMs: clock.monotonicMs() + waitMs });
    if (this.#waiting.length > most) this.#waiting.shift();
    this.look();
  }

  /** Whenever something came that may have been waited for. */
  look(): void {
    for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
      const postponed = first.attempt();
      const leftMs = first.untilMs - this.#options.clock.monotonicMs();
      if (postponed !== undefined && !postponed.final && leftMs > 0) {
        this.#lookAgain(leftMs);
        return;
      }
      this.#waiting.shift();
      if (postponed !== undefined) this.#refuse(postponed);
    }
  }

  close(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#waiting.length = 0;
  }

  #refuse({ why, final }: Postponed): void {
    const atMs = this.#options.clock.monotonicMs();
    const told = this.#told;
    if (!final && told?.about === why.about && atMs - told.atMs < tellAgainMs) return;
    this.#told = { about: why.about, atMs };
    this.#options.refused(why);
  }

  #lookAgain(afterMs: number): void {
    this.#cancelTimer ??= this.#options.clock.after(Math.max(1, afterMs), () => {
      this.#cancelTimer = undefined;
      this.look();
    });
  }
}
