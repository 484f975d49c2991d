const dayMs = 86_400_000;
/** The most that one signature may move the time forward without confirmation: less than the week of a timestamp. */
const stepMs = 2 * dayMs;
/** Two clocks that agree are this close. */
const toleranceMs = dayMs;

/** What is worth keeping over a restart. */
export interface KeptTime {
  readonly ms: number;
  /** Version of the owners' root under which that was learned. */
  readonly root: number;
  /** From here on one more unconfirmed step may be taken. */
  readonly stepFromMs: number;
}

/** The system clock. */
export interface WallClock {
  readonly ms: number;
  /** NTP keeps it: what contradicts it is not believed. */
  readonly synchronised: boolean;
}

/**
 * What time it is at least, for boards whose clock may say anything. The owners say it when they sign roots and targets; their
 * controller says it in each timestamp; since then it is measured by a clock that can't be set. The system clock counts where
 * it is later, and is never kept: one that runs ahead would make everything expired for ever.
 *
 * INVARIANTS
 * - What was learned under one root ends with it: a new one, which the owners' threshold signed, says the time anew. So a
 *   controller whose key was stolen, or whose clock was wrong, is outlived by no device for longer (Uptane resets the clock in
 *   the same way when the key of its time server is rotated).
 * - A controller alone moves it by two days at most, once a day.
 * - Under one root it never goes back.
 */
export class TrustedTime {
  #atLeastMs: number;
  #root: number;
  #stepFromMs: number;
  #sinceMs: number;

  constructor({ ms, root, stepFromMs }: KeptTime, monotonicMs: number) {
    this.#atLeastMs = ms;
    this.#root = root;
    this.#stepFromMs = stepFromMs;
    this.#sinceMs = monotonicMs;
  }

  /** For checks of what has expired. */
  nowMs(wallMs: number, monotonicMs: number): number {
    return Math.max(wallMs, this.knownMs(monotonicMs));
  }

  knownMs(monotonicMs: number): number {
    return this.#atLeastMs + Math.max(0, monotonicMs - this.#sinceMs);
  }

  kept(monotonicMs: number): KeptTime {
    const ms = Math.max(0, Math.floor(this.knownMs(monotonicMs)));
    return { ms, root: this.#root, stepFromMs: Math.max(0, Math.floor(this.#stepFromMs)) };
  }

  /** A root is believed. One that is newer than those before says what time it is. */
  under(root: { readonly version: number; readonly issuedMs?: number }, monotonicMs: number): void {
    if (root.version <= this.#root) return;
    this.#root = root.version;
    this.#stepFromMs = 0;
    this.#set(root.issuedMs ?? 0, monotonicMs);
  }

  /** The owners signed something at that time. */
  ownersSaid(issuedMs: number, monotonicMs: number): void {
    if (issuedMs > this.knownMs(monotonicMs)) this.#set(issuedMs, monotonicMs);
  }

  /** The controller signed something at that time. False where that is not believed, or not all of it. */
  controllerSaid(issuedMs: number, wall: WallClock, monotonicMs: number): boolean {
    const knownMs = this.knownMs(monotonicMs);
    if (issuedMs <= knownMs) return true;
    if (issuedMs <= wall.ms + toleranceMs) {
      this.#set(issuedMs, monotonicMs);
      return true;
    }
    if (wall.synchronised) return false;
    if (knownMs < this.#stepFromMs) return issuedMs <= knownMs + stepMs;
    const nextMs = Math.min(issuedMs, knownMs + stepMs);
    this.#stepFromMs = nextMs + dayMs;
    this.#set(nextMs, monotonicMs);
    return nextMs === issuedMs;
  }

  #set(ms: number, monotonicMs: number): void {
    this.#atLeastMs = ms;
    this.#sinceMs = monotonicMs;
  }
}
