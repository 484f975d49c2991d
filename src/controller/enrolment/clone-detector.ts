import type { Birth } from '../../protocol/index.ts';

export interface Clone {
  readonly sessions: readonly [number, number];
  /** Whether the two say to run on different boards; undefined where they don't say. */
  readonly otherHardware: boolean | undefined;
}

interface Life {
  readonly session: number;
  readonly hardware: string | undefined;
}

interface Lives {
  current: Life;
  /** The one before it, while it can still come back. */
  previous: Life | undefined;
  /** How often a session came back, and since when. */
  returns: number;
  firstReturnMs: number;
}

const windowMs = 3_600_000;
/** One return may be a message that came late; on other hardware it can't be. */
const returnsOfClone = 2;
const maxDevices = 200_000;

/**
 * Notices a copied disk by its births. A session belongs to one life of an agent: once a later one was born, the earlier
 * one is dead. Two copies of a disk have one id and one certificate, throw each other out of the broker, and are born in
 * turns: A, B, A, B.
 */
export class CloneDetector {
  readonly #lives = new Map<string, Lives>();

  /** `nowMs` is monotonic. Defined when this birth shows that there are two. */
  born(device: string, birth: Pick<Birth, 'session' | 'board'>, nowMs: number): Clone | undefined {
    const life: Life = { session: birth.session, hardware: birth.board.hardware };
    const lives = this.#lives.get(device);
    if (lives === undefined) {
      if (this.#lives.size >= maxDevices) this.#lives.clear();
      this.#lives.set(device, { current: life, previous: undefined, returns: 0, firstReturnMs: nowMs });
      return undefined;
    }
    if (isSame(lives.current, life)) return undefined;
    const before = lives.current;
    const came = lives.previous !== undefined && isSame(lives.previous, life);
    lives.previous = before;
    lives.current = life;
    if (!came) return undefined;
    if (nowMs - lives.firstReturnMs > windowMs) lives.returns = 0;
    if (lives.returns === 0) lives.firstReturnMs = nowMs;
    lives.returns += 1;
    const otherHardware = otherBoard(before, life);
    if (otherHardware !== true && lives.returns < returnsOfClone) return undefined;
    return { sessions: [before.session, life.session], otherHardware };
  }

  forget(device: string): void {
    this.#lives.delete(device);
  }
}

/** Two copies that were started in the same second have the same session, and differ in their board alone. */
function isSame(a: Life, b: Life): boolean {
  return a.session === b.session && otherBoard(a, b) !== true;
}

function otherBoard(a: Life, b: Life): boolean | undefined {
  return a.hardware === undefined || b.hardware === undefined ? undefined : a.hardware !== b.hardware;
}
