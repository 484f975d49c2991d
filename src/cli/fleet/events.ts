import type { Command } from 'commander';
import type { EventList } from '../../api/index.ts';
import { finish, parseCount } from '../command.ts';
import { connect, fleetCommand, type Target } from './connect.ts';
import { formatTime } from './format.ts';

export function addEvents(fleet: Command): void {
  finish<Target & { device?: string; severity?: string; kind?: string; limit: number }>(
    fleetCommand(fleet, 'events', 'what happened, newest first')
      .option('--device <id>', 'only of this device')
      .option('--severity <level>', 'info, warning, error or critical, and above')
      .option('--kind <kind>', 'a kind or its beginning, e.g. deployment')
      .option('--limit <n>', 'how many at most', parseCount(), 100),
    async ({ output }, options) => {
      const { device, severity, kind, limit } = options;
      const path = device === undefined ? '/events' : `/devices/${encodeURIComponent(device)}/events`;
      const list = await connect(options).get<EventList>(path, { severity, kind, limit });
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
