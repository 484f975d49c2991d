import type { GateLook } from '../gates/index.ts';

export interface Range {
  readonly fromMs: number;
  readonly toMs: number;
}

const hourMs = 3_600_000;
/** What is left out after a swap, and more. */
const settleMs = hourMs / 2;
/** What the first six hours of a guard need. */
const firstMs = 6 * hourMs + settleMs;
/** The newest hour, and the newest day that is over. */
const newestMs = 49 * hourMs;
/** Longer soaks are looked at by their newest half day. */
const longMs = 8 * 24 * hourMs;

/**
 * What is read of a device: all of it, or, when the change is days ago, what is before with the first hours, and what is
 * newest. So a guard that watches for a month reads no month every five minutes. `lastMs`: the last change of all devices.
 */
export function evidenceSpans(
  whole: Range,
  changedMs: number | undefined,
  look: GateLook,
  stepMs: number,
  lastMs = changedMs,
): readonly Range[] {
  if (changedMs === undefined || lastMs === undefined) return [whole];
  const { fromMs, toMs } = whole;
  const step = (timeMs: number) => Math.floor(timeMs / stepMs) * stepMs;
  // Of a device of an earlier wave so much is looked at as the newest wave has.
  const soakMs = toMs - lastMs;
  const lookedMs = look !== 'always' && soakMs <= longMs ? soakMs + settleMs : 0;
  const firstEndMs = step(changedMs + Math.max(firstMs, lookedMs));
  const newestBeginMs = step(toMs - newestMs);
  if (newestBeginMs <= firstEndMs) return [whole];
  return [
    { fromMs, toMs: firstEndMs },
    { fromMs: newestBeginMs, toMs },
  ];
}
