import type { Command } from 'commander';
import { mainSlot } from '../../api/index.ts';
import { expectKnown, typedNames } from '../../runtime/index.ts';
import { examples, finish, parseCount } from '../command.ts';
import { confirm } from '../confirm.ts';
import { connect, fleetCommand, type Target } from './connect.ts';
import { nameOf, stateOf } from './device-words.ts';
import { addInspect } from './inspect.ts';
import { addLabels, addOverride } from './labels.ts';
import { addRemote } from './remote.ts';
import { addVulnerabilities } from './vulnerabilities.ts';

export function deviceCommands(program: Command): void {
  const device = program
    .command('device')
    .description('devices of the fleet: list, show, label, hold, restart, logs, forget');
  addList(device);
  addInspect(device);
  addLabels(device);
  addOverride(device);
  addRemote(device);
  addForget(device);
  addVulnerabilities(device);
}

function addList(device: Command): void {
  finish<Target & { group?: string; online?: boolean; limit: number }>(
    fleetCommand(device, 'list', 'list the devices with their state')
      .option('--group <name>', 'only of this group')
      .option('--online', 'only those that are online')
      .option('--limit <n>', 'how many at most', parseCount(), 1000)
      .addHelpText('after', examples('device list', 'device list --group canary --online -o wide')),
    async ({ output }, options) => {
      const { group, online, limit } = options;
      const client = connect(options);
      const list = await client.call('GET /devices', { query: { group, online, limit } });
      if (list.devices.length === 0) await expectKnown(client, typedNames(options));
      output.value(list);
      output.table(
        ['device', 'health', 'alerts', 'frames/s', 'p99', 'model', 'deployment', 'warnings', 'last seen'],
        list.devices.map((one) => [
          one.id,
          stateOf(one),
          one.alerts ?? '-',
          { number: one.online ? one.fps : undefined },
          { durationMs: one.online ? one.latencyP99Ms : undefined },
          nameOf(one.slots[mainSlot]?.loaded) ?? '-',
          one.slots[mainSlot]?.deployment.state ?? '-',
          one.warnings,
          { timeMs: one.lastSeenMs, absent: 'never' },
        ]),
        group === undefined && online !== true
          ? 'No devices. Enrol one: goshawk claim create --name NAME, then `sudo goshawk enrol` on the device.'
          : `No device${group === undefined ? '' : ` in the group ${group}`}${online === true ? ' is online' : ''}.`,
      );
      if (list.devices.length < list.total)
        output.note(`${list.devices.length} of ${list.total} shown: raise --limit.`);
      return undefined;
    },
  );
}

function addForget(device: Command): void {
  finish<Target & { yes?: boolean }>(
    fleetCommand(device, 'forget', 'delete a device with its metrics and events')
      .argument('<device>')
      .option('--yes', 'do not ask')
      .addHelpText('after', examples('device forget truck-7 --yes')),
    async ({ output }, options, [id = '']) => {
      if (options.yes !== true) await confirm(`Delete ${id} with its metrics and events?`);
      await connect(options).call('DELETE /devices/:id', { params: { id } });
      output.value({ ok: true });
      output.line(`Deleted ${id}. It is listed again if it reports.`);
      return undefined;
    },
  );
}
