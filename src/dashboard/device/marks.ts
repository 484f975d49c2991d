import type { FleetEvent } from '../api/types.ts';
import type { ChartMark } from '../ui/chart-mark.ts';

const mostMarks = 40;

/** Swaps and warnings of a time span as marks on its charts, the newest ones where there are many. Oldest first. */
export function marksOf(events: readonly FleetEvent[], fromMs: number, toMs: number): ChartMark[] {
  const seen = new Set<string>();
  return events
    .filter(({ id, timeMs }) => timeMs >= fromMs && timeMs <= toMs && !seen.has(id) && seen.add(id))
    .sort((a, b) => a.timeMs - b.timeMs)
    .slice(-mostMarks)
    .map(({ timeMs, severity, message }) => ({
      timeMs,
      text: message,
      tone: severity === 'info' ? 'accent' : severity === 'warning' ? 'warning' : 'error',
    }));
}
