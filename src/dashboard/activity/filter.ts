import type { Severity } from '../api/types.ts';
import { readRange, type TimeRange } from '../state/time-range.ts';

export const severities = ['info', 'warning', 'error', 'critical'] as const;

export interface ActivityFilter {
  /** Empty: both. */
  readonly from: 'devices' | 'people' | '';
  readonly severity: Severity | '';
  /** Kind of an event or action of a person, or its dotted beginning. */
  readonly kind: string;
  /** Device of an event, or what an action is about. */
  readonly device: string;
  readonly who: string;
  /** Undefined: whenever it was. */
  readonly range: TimeRange | undefined;
}

/** From the address, so that a view can be shared as a link. */
export function readFilter(query: ReadonlyMap<string, string>): ActivityFilter {
  const from = query.get('from');
  return {
    from: from === 'devices' || from === 'people' ? from : '',
    severity: severities.find((severity) => severity === query.get('severity')) ?? '',
    kind: query.get('kind') ?? '',
    device: query.get('device') ?? '',
    who: query.get('who') ?? '',
    range: readRange(query),
  };
}

/** A filter by person leaves no event, and one by severity no action: those have none. */
export function sourcesOf(
  filter: ActivityFilter,
  isAdmin: boolean,
): { readonly events: boolean; readonly audit: boolean } {
  return {
    events: filter.from !== 'people' && filter.who === '',
    audit: isAdmin && filter.from !== 'devices' && filter.severity === '',
  };
}
