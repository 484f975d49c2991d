import type { FleetEvent, Severity } from '../api/types.ts';
import { severities } from './filter.ts';

export interface EventFilter {
  readonly severity: Severity | '';
  /** A kind or its beginning. */
  readonly kind: string;
  readonly device: string;
}

/** The same rule as the controller's: this severity and above, a kind or its dotted beginning. */
export function fitsFilter(event: FleetEvent, filter: EventFilter): boolean {
  return (
    (filter.severity === '' || severities.indexOf(event.severity) >= severities.indexOf(filter.severity)) &&
    (filter.kind === '' || event.kind === filter.kind || event.kind.startsWith(`${filter.kind}.`)) &&
    (filter.device === '' || event.device === filter.device)
  );
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
