import type { DesiredAnswer, Group } from '../../api/index.ts';
import { MissingError } from '../../base/index.ts';
import type { FleetClient } from './client.ts';
import { expectKnown, groupUnknown } from './known-names.ts';
import { meant } from './nearest-known.ts';

export interface MemberChange {
  readonly add?: readonly string[];
  readonly remove?: readonly string[];
}

/**
 * Reads the members of a group, changes them and sends them back. MissingErrors `group-unknown` (only adding makes one),
 * `device-unknown` for a device to add and `member-unknown` for one to remove.
 */
export async function changeMembers(
  client: Pick<FleetClient, 'call'>,
  name: string,
  { add = [], remove = [] }: MemberChange,
): Promise<DesiredAnswer & { readonly members: readonly string[] }> {
  const { groups } = await client.call('GET /groups');
  const before = groups.find((group) => group.name === name);
  if (before === undefined && add.length === 0)
    throw groupUnknown(
      name,
      groups.map((group) => group.name),
    );
  const changed = new Set(before?.members ?? []);
  for (const id of remove) if (!changed.has(id)) throw notMember(name, id, before);
  await expectKnown(client, { devices: add.filter((id) => !changed.has(id)) });
  for (const id of add) changed.add(id);
  for (const id of remove) changed.delete(id);
  const members = [...changed];
  const answer = await client.call('PUT /groups/:group/members', {
    params: { group: name },
    body: { members },
  });
  return { ...answer, members };
}

function notMember(group: string, id: string, before: Group | undefined): MissingError {
  if (before?.declaredBy?.includes(id) === true)
    return new MissingError(
      'member-unknown',
      `${id} is in ${group} by its own settings.`,
      'Remove the group from `groups` in the settings of the device.',
    );
  return new MissingError(
    'member-unknown',
    `${id} is not in the group ${group}.`,
    meant(id, before?.members ?? [], 'List the members: goshawk group list.'),
  );
}
