import type { Clock } from '../../base/index.ts';
import { type Rollout, withNote } from './rollout.ts';

/** What clocks are off by when they are set a little. */
const leastMs = 1_000;
/** So often it is kept until when a soak was watched; a controller that is killed takes no more from it. */
const keptEveryMs = 60_000;
const toldMs = 300_000;

/**
 * A soak goes by the time in which the controller watched. By how much the wall clock says more than that, or less: it was
 * set, or the controller was away.
 */
export class SoakClock {
  readonly #clock: Clock;
  readonly #last = new Map<string, { readonly wallMs: number; readonly monotonicMs: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The rollout with the soak of its wave moved by what nobody watched since it was asked last, in this life or before. */
  watch(rollout: Rollout): Rollout {
    const [wallMs, monotonicMs] = [this.#clock.wallMs(), this.#clock.monotonicMs()];
    const last = this.#last.get(rollout.id);
    this.#last.set(rollout.id, { wallMs, monotonicMs });
    const seenMs = rollout.waves[rollout.wave]?.seenMs ?? wallMs;
    const skippedMs =
      last === undefined ? wallMs - seenMs : wallMs - last.wallMs - (monotonicMs - last.monotonicMs);
    return withoutSkipped(rollout, skippedMs, wallMs);
  }
}

export function withoutSkipped(rollout: Rollout, skippedMs: number, nowMs: number): Rollout {
  const wave = rollout.waves[rollout.wave];
  if (wave?.settledMs === undefined || wave.passedMs !== undefined) return rollout;
  const skips = Math.abs(skippedMs) >= leastMs;
  if (!skips && nowMs < (wave.seenMs ?? Number.NEGATIVE_INFINITY) + keptEveryMs) return rollout;
  const moved = { ...wave, settledMs: wave.settledMs + (skips ? skippedMs : 0), seenMs: nowMs };
  const next = { ...rollout, waves: rollout.waves.map((one, at) => (at === rollout.wave ? moved : one)) };
  if (Math.abs(skippedMs) < toldMs) return next;
  const minutes = Math.round(Math.abs(skippedMs) / 60_000);
  const what =
    skippedMs > 0
      ? `The controller was away for ${minutes} min, or its clock was set forward: that does not count as soak.`
      : `The clock of the controller was set back by ${minutes} min; the soak continues.`;
  return withNote(next, nowMs, what);
}
