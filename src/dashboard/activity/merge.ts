import type { FleetEvent, Severity } from '../api/types.ts';
import type { TimeRange, TimeWindow } from '../state/time-range.ts';
import { severities } from './filter.ts';

export interface EventFilter {
  readonly severity: Severity | '';
  /** A kind or its beginning. */
  readonly kind: string;
  readonly device: string;
  /** Absent: whenever it was. */
  readonly range?: TimeRange | undefined;
}

/** The same rule as the controller's: this severity and above, a kind or its dotted beginning. */
export function fitsFilter(event: FleetEvent, filter: EventFilter): boolean {
  return (
    (filter.severity === '' || severities.indexOf(event.severity) >= severities.indexOf(filter.severity)) &&
    (filter.kind === '' || event.kind === filter.kind || event.kind.startsWith(`${filter.kind}.`)) &&
    (filter.device === '' || event.device === filter.device) &&
    isWithin(event, filter.range?.window)
  );
}

/** A span that ends now has what comes now. */
function isWithin({ timeMs }: FleetEvent, window: TimeWindow | undefined): boolean {
  return window === undefined || (timeMs >= window.fromMs && timeMs < window.toMs);
}

/** Events of the stream put over those that were loaded: each once, newest first. */
export function mergeEvents(
  loaded: readonly FleetEvent[],
  live: readonly FleetEvent[],
  filter: EventFilter,
): FleetEvent[] {
  const byId = new Map<string, FleetEvent>();
  for (const event of [...live.filter((candidate) => fitsFilter(candidate, filter)), ...loaded]) {
    if (!byId.has(event.id)) byId.set(event.id, event);
  }
  return [...byId.values()].sort((a, b) => b.seq - a.seq);
}
