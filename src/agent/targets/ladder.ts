import { type LadderSignal, type LadderState, ladderRow } from './ladder-table.ts';

export interface LadderTimes {
  /** Pressure lasts so long before a step down. */
  readonly pressedMs: number;
  /** Room lasts so long before a step up; where it is not sure that the load fits, so much longer that a trial is cheap. */
  readonly relievedMs: number;
  /** After a step, until the numbers are of what it did. */
  readonly settleMs: number;
}

export type LadderMove = 'down' | 'up' | 'bottom';

/** A step up that is taken back within so many of its waits came too early. */
const relapseWaits = 3;
const mostPatience = 16;
/** A trial waits so much longer than a step up that is known to fit. */
const trialWaits = 15;

/**
 * How many steps are taken, and when the next one is.
 *
 * INVARIANTS
 * - 0 <= level <= steps; at most one step in `settleMs`.
 * - A step up that has to be taken back doubles the wait before the next one, up to 16 times; one that lasts halves it. So
 *   a load at the edge makes few events.
 * - The bottom is told once, until a step up.
 */
export class Ladder {
  readonly #steps: number;
  readonly #times: LadderTimes;
  #level = 0;
  #state: LadderState = 'holding';
  #sinceMs = 0;
  #patience = 1;
  #upMs = Number.NEGATIVE_INFINITY;
  #toldBottom = false;

  constructor(steps: number, times: LadderTimes) {
    this.#steps = steps;
    this.#times = times;
  }

  /** Steps that are taken. */
  get level(): number {
    return this.#level;
  }

  /** `nowMs`: monotonic. */
  next(signal: LadderSignal, nowMs: number): LadderMove | undefined {
    const useful = signal !== 'pressure' && this.#level === 0 ? 'calm' : signal;
    const due = nowMs - this.#sinceMs >= this.#waitMs();
    const { next, step } = ladderRow(this.#state, useful, due);
    if (step === 'down' && this.#level === this.#steps) return this.#bottom();
    if (next !== this.#state) {
      this.#state = next;
      this.#sinceMs = nowMs;
    }
    if (step === 'down') this.#down(nowMs);
    if (step === 'up') this.#up(nowMs);
    return step;
  }

  #waitMs(): number {
    switch (this.#state) {
      case 'holding':
        return 0;
      case 'pressed':
        return this.#times.pressedMs;
      case 'quiet':
        return this.#times.relievedMs * trialWaits * this.#patience;
      case 'relieved':
        return this.#times.relievedMs * this.#patience;
      case 'settling':
        return this.#times.settleMs;
    }
  }

  #down(nowMs: number): void {
    this.#level += 1;
    const { relievedMs, pressedMs, settleMs } = this.#times;
    const relapsed = nowMs - this.#upMs < relapseWaits * relievedMs + pressedMs + settleMs;
    if (relapsed) this.#patience = Math.min(mostPatience, this.#patience * 2);
    this.#upMs = Number.NEGATIVE_INFINITY;
  }

  #up(nowMs: number): void {
    this.#level -= 1;
    // The one before it lasted.
    if (this.#upMs !== Number.NEGATIVE_INFINITY) this.#patience = Math.max(1, this.#patience / 2);
    this.#upMs = nowMs;
    this.#toldBottom = false;
  }

  #bottom(): 'bottom' | undefined {
    if (this.#toldBottom) return undefined;
    this.#toldBottom = true;
    return 'bottom';
  }
}
