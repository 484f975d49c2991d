import { counted, LimitError } from '../../base/index.ts';

const maxWaiting = 32;
/** Well below the time after which a connection on which nothing moves is cut: who waits gets an answer. */
const maxWaitMs = 30_000;

interface Lane {
  running: number;
  readonly waiting: Set<() => void>;
}

/** Lets so many requests of one token run at the same time; some more wait for their turn, and not for ever. */
export class RequestGate {
  readonly #atOnce: number;
  readonly #maxWaiting: number;
  readonly #maxWaitMs: number;
  readonly #lanes = new Map<string, Lane>();

  constructor(atOnce: number, waiting = maxWaiting, waitMs = maxWaitMs) {
    this.#atOnce = atOnce;
    this.#maxWaiting = waiting;
    this.#maxWaitMs = waitMs;
  }

  /** Resolves with what ends the turn; LimitError `too-many-requests` where too many wait, or it takes too long. */
  async enter(token: string): Promise<() => void> {
    const lane = this.#lanes.get(token) ?? { running: 0, waiting: new Set() };
    this.#lanes.set(token, lane);
    if (lane.running < this.#atOnce) lane.running += 1;
    else if (lane.waiting.size < this.#maxWaiting) await this.#wait(lane);
    else throw tooMany(lane);
    let ended = false;
    return () => {
      if (ended) return;
      ended = true;
      this.#leave(token, lane);
    };
  }

  #wait(lane: Lane): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        if (lane.waiting.delete(go)) reject(tooMany(lane));
      }, this.#maxWaitMs);
      const go = () => {
        clearTimeout(timer);
        resolve();
      };
      lane.waiting.add(go);
    });
  }

  #leave(token: string, lane: Lane): void {
    const [next] = lane.waiting;
    if (next !== undefined) {
      lane.waiting.delete(next);
      next();
      return;
    }
    lane.running -= 1;
    if (lane.running === 0) this.#lanes.delete(token);
  }
}

function tooMany({ running, waiting }: Lane): LimitError {
  return new LimitError(
    'too-many-requests',
    `${counted(running, 'request')} of this kind run with this token, and ${waiting.size} wait.`,
    'Wait for their answers before you send more, or create a token for each program.',
  );
}
