import type { Group } from '../../api/index.ts';
import { encodeUtf8, LimitError } from '../../base/index.ts';

/** What all groups together may take: they are in memory, are listed as a whole, and every order looks at them. */
const limits = { groups: 1_000, members: 200_000, settingsBytes: 8 * 1024 * 1024 } as const;
type Weight = Record<keyof typeof limits, number>;

const what: Readonly<Record<keyof typeof limits, string>> = {
  groups: 'groups',
  members: 'memberships in groups',
  settingsBytes: 'bytes of settings of groups',
};

/** Groups as they stand in the database, and which of them list a device. */
export class GroupTable {
  readonly #groups = new Map<string, Group>();
  readonly #listed = new Map<string, Set<string>>();
  readonly #settingsBytes = new Map<string, number>();
  readonly #total: Weight = { groups: 0, members: 0, settingsBytes: 0 };

  /** By name. */
  all(): Group[] {
    return [...this.#groups.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  get(name: string): Group | undefined {
    return this.#groups.get(name);
  }

  set(group: Group): void {
    this.delete(group.name);
    this.#groups.set(group.name, group);
    this.#settingsBytes.set(group.name, bytesOf(group));
    this.#add(group, 1);
    for (const member of group.members) {
      const names = this.#listed.get(member);
      if (names === undefined) this.#listed.set(member, new Set([group.name]));
      else names.add(group.name);
    }
  }

  delete(name: string): void {
    const group = this.#groups.get(name);
    if (group === undefined) return;
    this.#add(group, -1);
    this.#groups.delete(name);
    this.#settingsBytes.delete(name);
    for (const member of group.members) {
      const names = this.#listed.get(member);
      names?.delete(name);
      if (names?.size === 0) this.#listed.delete(member);
    }
  }

  /** Names of the groups that list the device. */
  listing(device: string): ReadonlySet<string> {
    return this.#listed.get(device) ?? none;
  }

  removeMember(device: string): void {
    for (const name of [...this.listing(device)]) {
      const group = this.#groups.get(name);
      if (group !== undefined)
        this.set({ ...group, members: group.members.filter((member) => member !== device) });
    }
  }

  /** LimitError `too-many-groups` for a group that takes more than there is room; one that becomes smaller always may. */
  expectRoom(group: Group): void {
    const before = this.#groups.get(group.name);
    const old = before === undefined ? undefined : this.#weightOf(before);
    const fresh = { groups: 1, members: group.members.length, settingsBytes: bytesOf(group) };
    for (const key of ['groups', 'members', 'settingsBytes'] as const) {
      const more = fresh[key] - (old?.[key] ?? 0);
      if (more > 0 && this.#total[key] + more > limits[key])
        throw new LimitError(
          'too-many-groups',
          `With the group ${group.name} there would be ${this.#total[key] + more} ${what[key]}; the limit is ${limits[key]}.`,
          'Remove unused groups, or use fewer and larger ones. No group was changed.',
        );
    }
  }

  #add(group: Group, sign: 1 | -1): void {
    const weight = this.#weightOf(group);
    for (const key of ['groups', 'members', 'settingsBytes'] as const) this.#total[key] += sign * weight[key];
  }

  #weightOf({ name, members }: Group): Weight {
    return { groups: 1, members: members.length, settingsBytes: this.#settingsBytes.get(name) ?? 0 };
  }
}

const none: ReadonlySet<string> = new Set();

function bytesOf({ settings }: Group): number {
  return encodeUtf8(JSON.stringify(settings)).byteLength;
}
