import { LimitError } from '../../base/index.ts';

const maxWaiting = 32;

interface Lane {
  running: number;
  readonly waiting: (() => void)[];
}

/** Lets so many requests of one token run at the same time; some more wait for their turn. */
export class RequestGate {
  readonly #atOnce: number;
  readonly #maxWaiting: number;
  readonly #lanes = new Map<string, Lane>();

  constructor(atOnce: number, waiting = maxWaiting) {
    this.#atOnce = atOnce;
    this.#maxWaiting = waiting;
  }

  /** Resolves with what ends the turn; LimitError `too-many-requests` where too many wait. */
  async enter(token: string): Promise<() => void> {
    const lane = this.#lanes.get(token) ?? { running: 0, waiting: [] };
    this.#lanes.set(token, lane);
    if (lane.running < this.#atOnce) lane.running += 1;
    else if (lane.waiting.length < this.#maxWaiting)
      await new Promise<void>((resolve) => {
        lane.waiting.push(resolve);
      });
    else
      throw new LimitError(
        'too-many-requests',
        `${lane.running} requests of this kind run with this token, and ${lane.waiting.length} wait.`,
        'Wait for their answers before you send more, or give every program a token of its own.',
      );
    let ended = false;
    return () => {
      if (ended) return;
      ended = true;
      this.#leave(token, lane);
    };
  }

  #leave(token: string, lane: Lane): void {
    const next = lane.waiting.shift();
    if (next !== undefined) {
      next();
      return;
    }
    lane.running -= 1;
    if (lane.running === 0) this.#lanes.delete(token);
  }
}
