import type { Observation } from './condition.ts';

/** A device of which a condition holds. */
export interface Affected {
  readonly device: string;
  readonly groups: readonly string[];
  /** What would be told of it alone. */
  readonly alone: readonly Observation[];
}

/** As many devices of a group, and more than half of it, are no coincidence: a line was cut, a site has no power. */
const leastTogether = 3;

export interface Merged {
  /** Devices and groups that stand for themselves. */
  readonly seen: readonly Observation[];
  /** Subjects that are part of that of their group. */
  readonly covered: readonly string[];
}

/**
 * A site that loses its uplink is one subject and not five hundred: where a condition holds of at least three devices of a
 * group, and of more than half of it, the group is the subject. A device in several such groups counts to the one with the
 * most devices affected.
 */
export function mergeByGroup(
  affected: readonly Affected[],
  /** Devices of each of these groups, affected or not. */
  totalsOf: (groups: ReadonlySet<string>) => ReadonlyMap<string, number>,
  /** `are offline`, `are blind`: what is said of those of a group. */
  words: string,
): Merged {
  const counts = new Map<string, number>();
  for (const { groups } of affected)
    for (const group of groups) counts.set(group, (counts.get(group) ?? 0) + 1);
  const many = [...counts].filter(([, count]) => count >= leastTogether);
  const totals =
    many.length === 0 ? new Map<string, number>() : totalsOf(new Set(many.map(([group]) => group)));
  const shared = many
    .filter(([group, count]) => 2 * count > (totals.get(group) ?? 0))
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  const members = new Map<string, string[]>();
  const covered: string[] = [];
  const seen: Observation[] = [];
  for (const { device, groups, alone } of affected) {
    const group = shared.find(([name]) => groups.includes(name))?.[0];
    if (group === undefined) {
      seen.push(...alone);
      continue;
    }
    covered.push(...alone.map(({ subject }) => subject));
    members.set(group, [...(members.get(group) ?? []), device]);
  }
  for (const [group, count] of shared) {
    const devices = members.get(group);
    if (devices !== undefined)
      seen.push({
        subject: `group:${group}`,
        holds: true,
        summary: `${count} of ${totals.get(group) ?? count} devices of group ${group} ${words}`,
        devices,
      });
  }
  return { seen, covered };
}
