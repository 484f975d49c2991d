import type { Observation } from './condition.ts';

export interface Absence {
  readonly device: string;
  readonly groups: readonly string[];
  /** Of the device alone: offline or not, or not known. */
  readonly alone: Observation;
}

/** As many devices of a group, and more than half of it, are no coincidence: a line was cut, a site has no power. */
const leastTogether = 3;

export interface SortedAbsences {
  /** Devices and groups that stand for themselves. */
  readonly seen: readonly Observation[];
  /** Devices that are told as part of their group. */
  readonly covered: readonly string[];
}

/**
 * A site that loses its uplink is one subject and not five hundred: where at least three devices of a group, and more
 * than half of it, are offline, the group is the subject. A device in several such groups counts to the one with the
 * most devices away.
 */
export function sortAbsences(absences: readonly Absence[]): SortedAbsences {
  const counts = new Map<string, { total: number; away: number }>();
  for (const { groups, alone } of absences)
    for (const group of groups) {
      const count = counts.get(group) ?? { total: 0, away: 0 };
      counts.set(group, count);
      count.total += 1;
      if (alone.holds === true) count.away += 1;
    }
  const shared = [...counts]
    .filter(([, { total, away }]) => away >= leastTogether && 2 * away > total)
    .sort(([a, { away: x }], [b, { away: y }]) => y - x || (a < b ? -1 : 1));
  const told = new Set<string>();
  const covered: string[] = [];
  const seen: Observation[] = [];
  for (const { device, groups, alone } of absences) {
    const of = alone.holds === true ? shared.find(([group]) => groups.includes(group)) : undefined;
    if (of === undefined) {
      seen.push(alone);
      continue;
    }
    covered.push(device);
    told.add(of[0]);
  }
  for (const [group, { total, away }] of shared)
    if (told.has(group))
      seen.push({
        subject: `group:${group}`,
        holds: true,
        summary: `${away} of ${total} devices of group ${group} are offline`,
      });
  return { seen, covered };
}
