import { mostReportSeconds } from '../protocol/index.ts';

/** An announcement stays while what is needed is no less than this share of it: each change is a birth, and costs its bytes. */
const keptShare = 0.25;

/**
 * What a device announces: it says something at least every so many seconds. `everyMs`: as set; `neededMs`: what the day's bytes
 * stretch it to now. Announced in doublings, so that a need which creeps up is few births.
 */
export function announcedSeconds(everyMs: number, neededMs: number, before: number | undefined): number {
  const needed = Math.min(mostReportSeconds, Math.max(everyMs, neededMs) / 1000);
  if (before !== undefined && needed <= before && needed > keptShare * before) return before;
  const doublings = Math.ceil(Math.log2(needed / (everyMs / 1000)) - 1e-9);
  return Math.min(mostReportSeconds, Math.max(1, (everyMs / 1000) * 2 ** Math.max(0, doublings)));
}
