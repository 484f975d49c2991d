import type { Observation } from './condition.ts';

/** A device that is away. */
export interface Absence {
  readonly device: string;
  readonly groups: readonly string[];
  readonly alone: Observation;
}

/** As many devices of a group, and more than half of it, are no coincidence: a line was cut, a site has no power. */
const leastTogether = 3;

export interface SortedAbsences {
  /** Devices and groups that stand for themselves. */
  readonly seen: readonly Observation[];
  /** Devices whose absence is part of that of their group. */
  readonly covered: readonly string[];
}

/**
 * A site that loses its uplink is one subject and not five hundred: where at least three devices of a group, and more
 * than half of it, are offline, the group is the subject. A device in several such groups counts to the one with the
 * most devices away.
 */
export function sortAbsences(
  absences: readonly Absence[],
  /** Devices of each group, away or not. */
  totals: ReadonlyMap<string, number>,
): SortedAbsences {
  const away = new Map<string, number>();
  for (const { groups } of absences) for (const group of groups) away.set(group, (away.get(group) ?? 0) + 1);
  const shared = [...away]
    .filter(([group, count]) => count >= leastTogether && 2 * count > (totals.get(group) ?? 0))
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  const absent = new Set<string>();
  const covered: string[] = [];
  const seen: Observation[] = [];
  for (const { device, groups, alone } of absences) {
    const group = shared.find(([name]) => groups.includes(name));
    if (group === undefined) {
      seen.push(alone);
      continue;
    }
    covered.push(device);
    absent.add(group[0]);
  }
  for (const [group, count] of shared)
    if (absent.has(group))
      seen.push({
        subject: `group:${group}`,
        holds: true,
        summary: `${count} of ${totals.get(group) ?? count} devices of group ${group} are offline`,
      });
  return { seen, covered };
}
