import type { Command } from 'commander';
import { mainSlot } from '../../api/index.ts';
import { changeMembers } from '../../runtime/index.ts';
import { finish, parseList } from '../command.ts';
import { connect, fleetCommand, type Target } from './connect.ts';

export function addGroups(fleet: Command): void {
  finish<Target>(fleetCommand(fleet, 'groups', 'groups with their members'), async ({ output }, options) => {
    const list = await connect(options).call('GET /groups');
    output.value(list);
    output.table(
      ['group', 'members', 'by their own settings', 'model'],
      list.groups.map((group) => [
        group.name,
        group.members.join(' ') || '-',
        group.declaredBy?.join(' ') ?? '-',
        group.settings.slots?.[mainSlot]?.model.name ?? '-',
      ]),
    );
    return undefined;
  });
  finish<Target & { add?: readonly string[]; remove?: readonly string[] }>(
    fleetCommand(fleet, 'group', 'change the members of a group')
      .argument('<name>')
      .option('--add <ids>', 'devices, comma separated', parseList)
      .option('--remove <ids>', 'devices, comma separated', parseList),
    async ({ output }, options, [name = '']) => {
      const group = await changeMembers(connect(options), name, options);
      output.value(group);
      output.line(`${name}: ${group.members.join(' ') || 'empty'}`);
      return undefined;
    },
  );
}
