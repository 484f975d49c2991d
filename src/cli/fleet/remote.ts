import { type Command, Option } from 'commander';
import type { LogPage, LogQuery } from '../../api/index.ts';
import { defined } from '../../base/index.ts';
import { fetchSupportBundle, logPages } from '../../runtime/index.ts';
import { examples, finish, parseCount, parseDuration } from '../command.ts';
import { confirm } from '../confirm.ts';
import type { Output } from '../output.ts';
import { connect, fleetCommand, type Target } from './connect.ts';

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
  interface Options extends Target {
    readonly since?: number;
    readonly follow?: boolean;
    readonly level?: NonNullable<LogQuery['level']>;
    readonly limit: number;
  }
  finish<Options>(
    fleetCommand(device, 'logs', 'the last lines of the log of a device, without secrets')
      .argument('<device>', 'id of the device')
      .option('--since <time>', 'only lines of the last so long, such as 10m', parseDuration)
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
      const sinceMs = since === undefined ? undefined : Math.max(0, Date.now() - since);
      const query = { limit, ...defined({ level, sinceMs }) };
      for await (const page of logPages(connect(target), id, query, follow ? signal : undefined))
        printLines(output, page);
      return undefined;
    },
  );
}

function printLines(output: Output, { lines, lost }: LogPage): void {
  if (lost > 0) output.note(`${lost} lines were missed: the device keeps a limited number.`);
  for (const line of lines) {
    output.value({ type: 'line', ...line });
    const { timeMs, level, message, fields } = line;
    output.line(
      `${new Date(timeMs).toISOString()} ${level.padEnd(5)} ${message}${fields === undefined ? '' : ` ${fields}`}`,
    );
  }
}

function addBundle(device: Command): void {
  finish<Target & { out: string }>(
    fleetCommand(
      device,
      'bundle',
      'a support bundle of a device as .tar.gz: checks, settings, log and events, without secrets',
    )
      .argument('<device>', 'id of the device')
      .requiredOption('--out <file>', 'the .tar.gz to write')
      .addHelpText('after', examples('device bundle truck-7 --out truck-7.tar.gz')),
    async ({ output }, { out, ...target }, [id = '']) => {
      output.note('The device makes the bundle; this takes up to a minute.');
      await fetchSupportBundle(connect(target), id, out);
      output.value({ ok: true, file: out });
      output.line(`Written to ${out}. Read it before you send it to anybody.`);
      return undefined;
    },
  );
}
