import { type Birth, mostReportSeconds } from '../../protocol/index.ts';

/** Of a device that was not born yet. */
const usualMs = 10_000;
/** So many announced intervals may pass: one batch that is lost or late says nothing. */
const intervals = 3;

/** How often a device says something, as it announced. */
export function reportsEveryMs(birth: Pick<Birth, 'reportsEverySeconds'> | undefined): number {
  const announced = birth?.reportsEverySeconds;
  return announced === undefined ? usualMs : Math.min(mostReportSeconds, announced) * 1000;
}

/** After so long without a word: `leastMs`, or what a device that reports rarely needs; never more than three hours. */
export function patienceMs(leastMs: number, everyMs: number): number {
  return Math.max(leastMs, intervals * everyMs);
}
