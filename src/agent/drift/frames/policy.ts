import type { FrameReason, HardFrameSettings } from '../../../protocol/index.ts';

export const usualFrameSettings = {
  keep: false,
  maxBytes: 200_000_000,
  bytesPerDay: 20_000_000,
  days: 30,
  randomPerDay: 50,
  margin: 0.05,
  blur: true,
} as const satisfies Required<HardFrameSettings>;
export type FramePolicySettings = Required<HardFrameSettings>;

const dayMs = 86_400_000;
/** Milliseconds after an alarm at which its frames are taken. */
const afterAlarmMs = [0, 2000, 10_000] as const;
const lowMarginEveryMs = 60_000;
/** Two models differ somewhere on many frames: one in five minutes leaves room for what is doubtful by itself. */
const disagreementEveryMs = 300_000;
/** How often a picture is made that waits in memory for an alarm to come. */
const aheadEveryMs = 10_000;

/** `ahead`: only into memory, so that an alarm has a picture from before it. */
export type CaptureReason = FrameReason | 'ahead';

/** Which frames of one camera are worth keeping. Durations are monotonic; `random` gives numbers in [0, 1). */
export class FramePolicy {
  readonly #random: () => number;
  readonly #dueMs: number[] = [];
  #nextRandomMs: number | undefined;
  #lowMarginMs = Number.NEGATIVE_INFINITY;
  #aheadMs = Number.NEGATIVE_INFINITY;
  #disagreementMs = Number.NEGATIVE_INFINITY;

  constructor(random: () => number) {
    this.#random = random;
  }

  alarm(atMs: number): void {
    this.#dueMs.push(...afterAlarmMs.map((after) => atMs + after));
  }

  /** `scores` of the frame's detections, `threshold` above which they are reported. */
  reasonToCapture(
    atMs: number,
    scores: readonly number[],
    threshold: number,
    settings: FramePolicySettings,
  ): CaptureReason | undefined {
    if (this.#dueMs.length > 0 && atMs >= this.#dueMs[0]!) {
      // One frame for all that are due: after a pause they would be the same picture.
      while (this.#dueMs.length > 0 && atMs >= this.#dueMs[0]!) this.#dueMs.shift();
      return 'alarm';
    }
    if (settings.randomPerDay > 0) {
      this.#nextRandomMs ??= atMs + this.#wait(settings.randomPerDay);
      if (atMs >= this.#nextRandomMs) {
        this.#nextRandomMs = atMs + this.#wait(settings.randomPerDay);
        return 'random';
      }
    }
    const hard = scores.some((score) => score >= threshold && score < threshold + settings.margin);
    if (hard && atMs - this.#lowMarginMs >= lowMarginEveryMs) {
      this.#lowMarginMs = atMs;
      return 'low-margin';
    }
    if (atMs - this.#aheadMs < aheadEveryMs) return undefined;
    this.#aheadMs = atMs;
    return 'ahead';
  }

  /** True for the frame of a disagreement that is taken. */
  takesDisagreement(atMs: number): boolean {
    if (atMs - this.#disagreementMs < disagreementEveryMs) return false;
    this.#disagreementMs = atMs;
    return true;
  }

  /** A Poisson process: no camera is sampled at the same minute of every hour. */
  #wait(perDay: number): number {
    return (-Math.log(1 - this.#random()) * dayMs) / perDay;
  }
}

/**
 * Bytes per day: what was used fades evenly over a day. The last quarter is kept for alarms: a street full of doubtful
 * boxes must not use up what an alarm will need.
 */
export class DailyBytes {
  #used: number;
  #atMs: number;

  /** `used`: bytes of the last 24 hours, from before a restart. */
  constructor(used: number, atMs: number) {
    this.#used = used;
    this.#atMs = atMs;
  }

  /** True, and it is counted, where there is room. `perDay` may be another each time. */
  take(bytes: number, reason: FrameReason, perDay: number, atMs: number): boolean {
    const faded = (perDay * Math.max(0, atMs - this.#atMs)) / dayMs;
    this.#used = Math.max(0, this.#used - faded);
    this.#atMs = Math.max(this.#atMs, atMs);
    const most = reason === 'alarm' ? perDay : 0.75 * perDay;
    if (this.#used + bytes > most) return false;
    this.#used += bytes;
    return true;
  }
}
