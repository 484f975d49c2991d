import type { Clock } from '../../base/index.ts';
import type { SafetyAnswer, SafetyCheck } from './update-gate.ts';

/** All of several must say yes; the first that does not says why. */
export class EverySafetyCheck implements SafetyCheck {
  readonly #checks: readonly SafetyCheck[];

  constructor(checks: readonly SafetyCheck[]) {
    this.#checks = checks;
  }

  async whyNot(signal: AbortSignal): Promise<SafetyAnswer> {
    for (const check of this.#checks) {
      const why = await check.whyNot(signal);
      if (why !== undefined) return why;
    }
    return undefined;
  }
}

/**
 * Safe only when it has been so for a while, at every look: a robot that stops at a crossing is not at rest. It is looked
 * at while a model waits; the while begins with the first look.
 */
export class RestedSafetyCheck implements SafetyCheck {
  readonly #check: SafetyCheck;
  readonly #restMs: number;
  readonly #clock: Clock;
  #safeSinceMs: number | undefined;
  #askedMs = Number.NEGATIVE_INFINITY;

  constructor(check: SafetyCheck, restMs: number, clock: Clock) {
    this.#check = check;
    this.#restMs = restMs;
    this.#clock = clock;
  }

  async whyNot(signal: AbortSignal): Promise<SafetyAnswer> {
    const nowMs = this.#clock.monotonicMs();
    // Nobody looked for longer than that: what was between is not known.
    if (nowMs - this.#askedMs > mostBetweenMs) this.#safeSinceMs = undefined;
    this.#askedMs = nowMs;
    try {
      const why = await this.#check.whyNot(signal);
      if (why !== undefined) {
        this.#safeSinceMs = undefined;
        return why;
      }
    } catch (error) {
      this.#safeSinceMs = undefined;
      throw error;
    }
    this.#safeSinceMs ??= nowMs;
    const leftMs = this.#restMs - (nowMs - this.#safeSinceMs);
    return leftMs <= 0
      ? undefined
      : `It is safe, and has to stay safe for ${Math.ceil(leftMs / 60_000)} min more.`;
  }
}

const mostBetweenMs = 60_000;
