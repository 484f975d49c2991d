import type { AuditEntry, FleetEvent } from '../api/types.ts';

/** Something that happened: reported by a device, or done by a person. */
export type Activity =
  | { readonly from: 'device'; readonly key: string; readonly atMs: number; readonly event: FleetEvent }
  | { readonly from: 'person'; readonly key: string; readonly atMs: number; readonly entry: AuditEntry };

/** What was loaded of one source, newest first. */
export interface Loaded<Row> {
  readonly rows: readonly Row[];
  /** Start of the next page; absent on the last. */
  readonly next?: number | undefined;
}

/** By when the controller learned of it: pages are in that order, and a device may report what happened days ago. */
const activityOf = {
  device: (event: FleetEvent): Activity => ({
    ...{ from: 'device' as const, key: event.id, atMs: event.receivedMs, event },
  }),
  person: (entry: AuditEntry): Activity => ({
    ...{ from: 'person' as const, key: String(entry.seq), atMs: entry.timeMs, entry },
  }),
};

/**
 * Both sources as one, newest first. A source that has more pages may have rows that belong before those of the other:
 * what is older than its last row waits until its next page is there.
 */
export function mergeActivity(
  events: Loaded<FleetEvent>,
  audit: Loaded<AuditEntry>,
): { readonly rows: readonly Activity[]; readonly more: Activity['from'] | undefined } {
  const ends = [
    endOf('device', events.rows.map(activityOf.device), events.next),
    endOf('person', audit.rows.map(activityOf.person), audit.next),
  ].filter((end) => end !== undefined);
  const last = ends.sort((a, b) => b.atMs - a.atMs)[0];
  const all = [...events.rows.map(activityOf.device), ...audit.rows.map(activityOf.person)];
  return {
    rows: all
      .filter(({ atMs }) => last === undefined || atMs >= last.atMs)
      .sort((a, b) => b.atMs - a.atMs || (a.from < b.from ? -1 : 1)),
    more: last?.from,
  };
}

function endOf(
  from: Activity['from'],
  rows: readonly Activity[],
  next: number | undefined,
): { readonly from: Activity['from']; readonly atMs: number } | undefined {
  if (next === undefined) return undefined;
  return { from, atMs: rows.at(-1)?.atMs ?? Number.POSITIVE_INFINITY };
}
