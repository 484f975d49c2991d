import type { DesiredAnswer } from '../../api/index.ts';
import { MissingError } from '../../base/index.ts';
import type { FleetClient } from './client.ts';

export interface MemberChange {
  readonly add?: readonly string[];
  readonly remove?: readonly string[];
}

/** Reads the members of a group, changes them and sends them back. MissingError `group-unknown`: only adding makes one. */
export async function changeMembers(
  client: Pick<FleetClient, 'call'>,
  name: string,
  { add = [], remove = [] }: MemberChange,
): Promise<DesiredAnswer & { readonly members: readonly string[] }> {
  const { groups } = await client.call('GET /groups');
  const before = groups.find((group) => group.name === name);
  if (before === undefined && add.length === 0)
    throw new MissingError('group-unknown', `There is no group ${name}.`, 'List them: goshawk group list.');
  const changed = new Set(before?.members ?? []);
  for (const id of add) changed.add(id);
  for (const id of remove) changed.delete(id);
  const members = [...changed];
  const answer = await client.call('PUT /groups/:group/members', {
    params: { group: name },
    body: { members },
  });
  return { ...answer, members };
}
