import type { Command } from 'commander';
import type { Severity } from '../../api/index.ts';
import { finish, parseCount } from '../command.ts';
import { connect, fleetCommand, type Target } from './connect.ts';
import { formatTime } from './format.ts';

export function addEvents(fleet: Command): void {
  finish<Target & { device?: string; severity?: Severity; kind?: string; limit: number }>(
    fleetCommand(fleet, 'events', 'what happened, newest first')
      .option('--device <id>', 'only of this device')
      .option('--severity <level>', 'info, warning, error or critical, and above')
      .option('--kind <kind>', 'a kind or its beginning, e.g. deployment')
      .option('--limit <n>', 'how many at most', parseCount(), 100),
    async ({ output }, options) => {
      const { device, severity, kind, limit } = options;
      const client = connect(options);
      const query = { severity, kind, limit };
      const list = await (device === undefined
        ? client.call('GET /events', { query })
        : client.call('GET /devices/:id/events', { params: { id: device }, query }));
      output.value(list);
      output.table(
        ['time', 'device', 'severity', 'kind', 'message'],
        list.events.map((event) => [
          formatTime(event.timeMs),
          event.device,
          event.severity,
          event.kind,
          event.message,
        ]),
      );
      return undefined;
    },
  );
}
