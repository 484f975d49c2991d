import type { GateLook } from '../gates/index.ts';

export interface Range {
  readonly fromMs: number;
  readonly toMs: number;
}

const hourMs = 3_600_000;
/** What the first six hours of a guard need, with what is left out after a swap. */
const firstMs = 6.5 * hourMs;
/** The newest hour, and the newest day that is over. */
const newestMs = 49 * hourMs;
/** Longer soaks are looked at by their newest half day. */
const longMs = 8 * 24 * hourMs;

/**
 * What is read of a device: all of it, or, when the change is days ago, what is before with the first hours, and what is
 * newest. So a guard that watches for a month reads no month every five minutes.
 */
export function evidenceSpans(
  whole: Range,
  changedMs: number | undefined,
  look: GateLook,
  stepMs: number,
): readonly Range[] {
  if (changedMs === undefined) return [whole];
  const { fromMs, toMs } = whole;
  if (look !== 'always' && toMs - changedMs <= longMs) return [whole];
  const step = (timeMs: number) => Math.floor(timeMs / stepMs) * stepMs;
  const firstEndMs = step(changedMs + firstMs);
  const newestBeginMs = step(toMs - newestMs);
  if (newestBeginMs <= firstEndMs) return [whole];
  return [
    { fromMs, toMs: firstEndMs },
    { fromMs: newestBeginMs, toMs },
  ];
}
