import { type Command, Option } from 'commander';
import type { LogPage, LogQuery } from '../../api/index.ts';
import { counted, defined } from '../../base/index.ts';
import { fetchSupportBundle, logPages } from '../../runtime/index.ts';
import { examples, finish, parseCount } from '../command.ts';
import { confirm } from '../confirm.ts';
import type { Output } from '../output.ts';
import { sinceOption, type TimeRange } from '../time-range.ts';
import { connect, fleetCommand, type Target } from './connect.ts';
import { askDevice, type DeviceWaitOptions, withDeviceWait } from './device-wait.ts';

/** Commands on the agent of a device: a fixed list, and no shell. */
export function addRemote(device: Command): void {
  addRestart(device);
  addLogs(device);
  addBundle(device);
}

function addRestart(device: Command): void {
  finish<Target & { board?: boolean; yes?: boolean }>(
    fleetCommand(device, 'restart', 'restart the agent of a device that is online, or its board')
      .argument('<device>', 'id of the device')
      .option('--board', 'the board instead of the agent; needs the role admin')
      .option('--yes', 'do not ask')
      .addHelpText('after', examples('device restart truck-7', 'device restart truck-7 --board --yes')),
    async ({ output }, { board = false, yes = false, ...target }, [id = '']) => {
      const what = board ? 'board' : 'agent';
      if (!yes) await confirm(`Restart the ${what} of ${id}? Its cameras stop meanwhile.`);
      const route = board ? 'POST /devices/:id/reboot' : 'POST /devices/:id/restart';
      await connect(target).call(route, { params: { id } });
      output.value({ ok: true, device: id, restarting: what });
      output.line(`The ${what} of ${id} restarts. See when it is back: goshawk device show ${id}`);
      return undefined;
    },
  );
}

function addLogs(device: Command): void {
  interface Options extends Target, Pick<TimeRange, 'since'> {
    readonly follow?: boolean;
    readonly level?: NonNullable<LogQuery['level']>;
    readonly limit: number;
  }
  finish<Options>(
    fleetCommand(device, 'logs', 'the last lines of the log of a device, without secrets')
      .argument('<device>', 'id of the device')
      .addOption(sinceOption('lines'))
      .option('--follow', 'show new lines as they come, until Ctrl+C')
      .addOption(
        new Option('--level <level>', 'this level and more severe').choices([
          'debug',
          'info',
          'warn',
          'error',
        ]),
      )
      .option('--limit <n>', 'how many at most, of those that are there', parseCount(), 100)
      .addHelpText(
        'after',
        examples(
          'device logs truck-7',
          'device logs truck-7 --since 10m --level warn',
          'device logs truck-7 --follow',
        ),
      ),
    async ({ output, signal }, { since, follow = false, level, limit, ...target }, [id = '']) => {
      const query = { limit, ...defined({ level, sinceMs: since }) };
      let shown = 0;
      let told = false;
      for await (const page of logPages(connect(target), id, query, follow ? signal : undefined)) {
        printLines(output, page);
        shown += page.lines.length;
        // Once, also while it follows.
        if (shown > 0 || page.more || told) continue;
        output.note(noLines({ since, level, follow }));
        told = true;
      }
      return undefined;
    },
  );
}

function noLines({
  since,
  level,
  follow,
}: {
  since: number | undefined;
  level: string | undefined;
  follow: boolean;
}): string {
  const narrowed = since !== undefined || level !== undefined ? ' of that time and level' : '';
  return `The log has no lines${narrowed}${follow ? ' yet' : ''}.`;
}

function printLines(output: Output, { lines, lost }: LogPage): void {
  if (lost > 0)
    output.note(
      `${counted(lost, 'line')} ${lost === 1 ? 'was' : 'were'} missed: the device keeps a limited number.`,
    );
  for (const line of lines) {
    output.value({ type: 'line', ...line });
    const { timeMs, level, message, fields } = line;
    output.line(
      `${new Date(timeMs).toISOString()} ${level.padEnd(5)} ${message}${fields === undefined ? '' : ` ${fields}`}`,
    );
  }
}

function addBundle(device: Command): void {
  finish<DeviceWaitOptions & { out: string }>(
    withDeviceWait(
      fleetCommand(
        device,
        'bundle',
        'a support bundle of a device as .tar.gz: checks, settings, log and events, without secrets',
      ),
    )
      .argument('<device>', 'id of the device')
      .requiredOption('--out <file>', 'the .tar.gz to write')
      .addHelpText('after', examples('device bundle truck-7 --out truck-7.tar.gz')),
    async (context, { out, ...options }, [id = '']) => {
      const { output } = context;
      output.note('The device makes the bundle; this takes up to a minute.');
      await askDevice(context, options, id, (client) => fetchSupportBundle(client, id, out));
      output.value({ ok: true, file: out });
      output.line(`Written to ${out}. Read it before you send it to anybody.`);
      return undefined;
    },
  );
}
