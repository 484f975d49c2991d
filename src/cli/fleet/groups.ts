import type { Command } from 'commander';
import { mainSlot } from '../../api/index.ts';
import { changeMembers } from '../../runtime/index.ts';
import { examples, finish } from '../command.ts';
import { connect, fleetCommand, type Target } from './connect.ts';

export function groupCommands(program: Command): void {
  const group = program.command('group').description('groups of devices');
  finish<Target>(
    fleetCommand(group, 'list', 'list the groups with their members').addHelpText(
      'after',
      examples('group list'),
    ),
    async ({ output }, options) => {
      const list = await connect(options).call('GET /groups');
      output.value(list);
      output.table(
        ['group', 'members', 'by their own settings', 'model'],
        list.groups.map((one) => [
          one.name,
          one.members.join(' ') || '-',
          one.declaredBy?.join(' ') ?? '-',
          one.settings.slots?.[mainSlot]?.model.name ?? '-',
        ]),
        'No groups. Make one: goshawk group add NAME DEVICE...',
      );
      return undefined;
    },
  );
  const changes = {
    add: 'add devices to a group; a new name makes a group',
    remove: 'remove devices from a group',
  } as const;
  for (const [change, description] of Object.entries(changes))
    finish<Target>(
      fleetCommand(group, change, description)
        .argument('<group>')
        .argument('<devices...>')
        .addHelpText('after', examples(`group ${change} canary truck-7 truck-9`)),
      async ({ output }, options, [name = '', ...devices]) => {
        const answer = await changeMembers(connect(options), name, { [change]: devices });
        output.value(answer);
        output.line(`${name}: ${answer.members.join(' ') || 'empty'}`);
        return undefined;
      },
    );
}
