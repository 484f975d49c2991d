import type { Group, GroupList } from '../../api/index.ts';
import type { FleetClient } from './client.ts';

export interface MemberChange {
  readonly add?: readonly string[];
  readonly remove?: readonly string[];
}

/** Reads the members of a group, changes them and sends them back. */
export async function changeMembers(
  client: Pick<FleetClient, 'get' | 'send'>,
  name: string,
  { add = [], remove = [] }: MemberChange,
): Promise<Group> {
  const { groups } = await client.get<GroupList>('/groups');
  const members = new Set(groups.find((group) => group.name === name)?.members ?? []);
  for (const id of add) members.add(id);
  for (const id of remove) members.delete(id);
  return client.send<Group>('PUT', `/groups/${encodeURIComponent(name)}/members`, { members: [...members] });
}
