import type { Command } from 'commander';
import type { Severity } from '../../api/index.ts';
import { expectEventKind } from '../../runtime/index.ts';
import { examples, finish, parseCount, severityOption } from '../command.ts';
import { rangeQuery, sinceOption, type TimeRange, untilOption } from '../time-range.ts';
import { connect, fleetCommand, type Target } from './connect.ts';

export function eventCommands(program: Command): void {
  const event = program.command('event').description('show what happened on devices and in the fleet');
  finish<Target & TimeRange & { device?: string; severity?: Severity; kind?: string; limit: number }>(
    fleetCommand(event, 'list', 'list events, newest first')
      .option('--device <id>', 'only of this device')
      .addOption(severityOption())
      .option('--kind <kind>', 'a kind or its beginning, e.g. deployment')
      .addOption(sinceOption('events'))
      .addOption(untilOption('events'))
      .option('--limit <n>', 'how many at most', parseCount(), 100)
      .addHelpText(
        'after',
        examples(
          'event list --severity warning --since 24h',
          'event list --device truck-7 --kind deployment',
        ),
      ),
    async ({ output }, options) => {
      const { device, severity, kind, limit } = options;
      const client = connect(options);
      const query = { severity, kind, limit, ...rangeQuery(options) };
      const list = await (device === undefined
        ? client.call('GET /events', { query })
        : client.call('GET /devices/:id/events', { params: { id: device }, query }));
      if (list.events.length === 0) await expectEventKind(kind);
      output.value(list);
      output.table(
        ['time', 'device', 'severity', 'kind', 'message'],
        list.events.map((one) => [{ timeMs: one.timeMs }, one.device, one.severity, one.kind, one.message]),
        'No events.',
      );
      return undefined;
    },
  );
}
