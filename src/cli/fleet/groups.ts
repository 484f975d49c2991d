import type { Command } from 'commander';
import type { Group, GroupList } from '../../api/index.ts';
import { finish, parseList } from '../command.ts';
import { connect, fleetCommand, type Target } from './connect.ts';

export function addGroups(fleet: Command): void {
  finish<Target>(fleetCommand(fleet, 'groups', 'groups with their members'), async ({ output }, options) => {
    const list = await connect(options).get<GroupList>('/groups');
    output.value(list);
    output.table(
      ['group', 'members', 'model'],
      list.groups.map((group) => [group.name, group.members.join(' '), group.settings.model?.name ?? '-']),
    );
    return undefined;
  });
  finish<Target & { add?: readonly string[]; remove?: readonly string[] }>(
    fleetCommand(fleet, 'group', 'change the members of a group')
      .argument('<name>')
      .option('--add <ids>', 'devices, comma separated', parseList)
      .option('--remove <ids>', 'devices, comma separated', parseList),
    async ({ output }, options, [name = '']) => {
      const client = connect(options);
      const { groups } = await client.get<GroupList>('/groups');
      const members = new Set(groups.find((group) => group.name === name)?.members ?? []);
      for (const id of options.add ?? []) members.add(id);
      for (const id of options.remove ?? []) members.delete(id);
      const path = `/groups/${encodeURIComponent(name)}/members`;
      const group = await client.send<Group>('PUT', path, { members: [...members] });
      output.value(group);
      output.line(`${name}: ${[...members].join(' ') || 'empty'}`);
      return undefined;
    },
  );
}
