import type { Command } from 'commander';
import { type Alert, conditionWords, type Severity } from '../../api/index.ts';
import { finish, parseCount } from '../command.ts';
import { connect, fleetCommand, type Target } from './connect.ts';
import { formatTime } from './format.ts';

interface Options extends Target {
  readonly all?: boolean;
  readonly device?: string;
  readonly severity?: Severity;
  readonly acknowledge?: string;
  readonly rules?: boolean;
  readonly limit: number;
}

export function addAlerts(fleet: Command): void {
  finish<Options>(
    fleetCommand(fleet, 'alerts', 'alerts that fire')
      .option('--all', 'also those that are over')
      .option('--device <id>', 'only of this device')
      .option('--severity <level>', 'info, warning, error or critical, and above')
      .option('--acknowledge <id>', 'say that somebody looks after it; nobody is told again')
      .option('--rules', 'the rules that make alerts')
      .option('--limit <n>', 'how many at most', parseCount(), 100),
    async ({ output }, options) => {
      const client = connect(options);
      if (options.rules === true) {
        const list = await client.call('GET /alert-rules');
        output.value(list);
        output.table(
          ['id', 'name', 'when', 'for', 'whom', 'severity', 'notifies'],
          list.rules.map((rule) => [
            rule.id,
            rule.enabled ? rule.name : `${rule.name} (off)`,
            conditionWords(rule.when),
            `${rule.forSeconds} s`,
            [...rule.scope.groups, ...rule.scope.devices].join(' ') || 'the fleet',
            rule.severity,
            rule.notify?.to ?? '-',
          ]),
        );
        for (const { name, problem } of list.rules)
          if (problem !== undefined) output.note(`${name} can not fire: ${problem}`);
        return undefined;
      }
      if (options.acknowledge !== undefined) {
        const params = { id: options.acknowledge };
        const alert = await client.call('POST /alerts/:id/acknowledge', { params });
        output.value(alert);
        output.line(`${alert.summary}: acknowledged.`);
        return undefined;
      }
      const { device, severity, limit } = options;
      const state = options.all === true ? undefined : 'firing';
      const list = await client.call('GET /alerts', { query: { state, device, severity, limit } });
      output.value(list);
      output.table(
        ['id', 'since', 'state', 'severity', 'rule', 'summary', 'message'],
        list.alerts.map((alert) => [
          alert.id,
          formatTime(alert.sinceMs),
          stateWords(alert),
          alert.severity,
          alert.ruleName,
          alert.summary,
          deliveryWords(alert),
        ]),
      );
      if (list.alerts.length === 0) output.note('No alert fires.');
      return undefined;
    },
  );
}

function stateWords({ state, acknowledgedBy, resolvedMs, endReason }: Alert): string {
  if (state === 'resolved') return `${endReason ?? 'over'} ${formatTime(resolvedMs)}`;
  return acknowledgedBy === undefined ? 'firing' : `seen by ${acknowledgedBy}`;
}

function deliveryWords({ delivery }: Alert): string {
  if (delivery === undefined) return '-';
  return delivery.error === undefined ? delivery.state : `${delivery.state}: ${delivery.error}`;
}
