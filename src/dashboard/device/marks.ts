import type { FleetEvent } from '../api/types.ts';
import type { ChartMark } from '../ui/chart-mark.ts';

const mostMarks = 40;

/** Kinds that explain a line, or their beginnings; all others do from a warning on. */
export const markedKinds = ['model', 'drift', 'camera.filter-changed'] as const;

export function isMarked({ kind, severity }: FleetEvent): boolean {
  return severity !== 'info' || markedKinds.some((one) => kind === one || kind.startsWith(`${one}.`));
}

/**
 * Events of a time as marks on its charts, the newest ones where there are many. Oldest first. `camera`: without those of
 * other cameras.
 */
export function marksOf(
  events: readonly FleetEvent[],
  fromMs: number,
  toMs: number,
  camera?: string,
): ChartMark[] {
  const seen = new Set<string>();
  return events
    .filter((event) => camera === undefined || event.camera === undefined || event.camera === camera)
    .filter(({ id, timeMs }) => timeMs >= fromMs && timeMs <= toMs && !seen.has(id) && seen.add(id))
    .sort((a, b) => a.timeMs - b.timeMs)
    .slice(-mostMarks)
    .map(({ timeMs, severity, message }) => ({
      timeMs,
      text: message,
      tone: severity === 'info' ? 'accent' : severity === 'warning' ? 'warning' : 'error',
    }));
}
