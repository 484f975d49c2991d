import type { Command } from 'commander';
import { type Alert, conditionWords, type Severity } from '../../api/index.ts';
import { examples, finish, parseCount, severityOption } from '../command.ts';
import { connect, fleetCommand, type Target } from './connect.ts';
import { formatAge } from './format.ts';

interface ListOptions extends Target {
  readonly all?: boolean;
  readonly device?: string;
  readonly severity?: Severity;
  readonly limit: number;
}

export function alertCommands(program: Command): void {
  const alert = program.command('alert').description('active alerts, and the rules that raise them');
  addList(alert);
  addAcknowledge(alert);
  addRules(alert);
}

function addList(alert: Command): void {
  finish<ListOptions>(
    fleetCommand(alert, 'list', 'list the active alerts')
      .option('--all', 'also resolved ones')
      .option('--device <id>', 'only of this device')
      .addOption(severityOption())
      .option('--limit <n>', 'how many at most', parseCount(), 100)
      .addHelpText('after', examples('alert list', 'alert list --device truck-7 --all')),
    async ({ output }, options) => {
      const { device, severity, limit } = options;
      const state = options.all === true ? undefined : 'firing';
      const query = { state, device, severity, limit } as const;
      const list = await connect(options).call('GET /alerts', { query });
      output.value(list);
      output.table(
        ['id', 'since', 'state', 'severity', 'rule', 'summary', 'message'],
        list.alerts.map((one) => [
          one.id,
          formatAge(one.sinceMs),
          stateWords(one),
          one.severity,
          one.ruleName,
          one.summary,
          deliveryWords(one),
        ]),
        options.all === true ? 'No alerts.' : 'No active alerts.',
      );
      return undefined;
    },
  );
}

function addAcknowledge(alert: Command): void {
  finish<Target>(
    fleetCommand(alert, 'acknowledge', 'acknowledge an alert: it stops notifying')
      .argument('<id>')
      .addHelpText('after', examples('alert acknowledge 1f2e3d4c')),
    async ({ output }, options, [id = '']) => {
      const one = await connect(options).call('POST /alerts/:id/acknowledge', { params: { id } });
      output.value(one);
      output.line(`${one.summary}: acknowledged.`);
      return undefined;
    },
  );
}

function addRules(alert: Command): void {
  finish<Target>(
    fleetCommand(alert, 'rules', 'list the rules that raise alerts').addHelpText(
      'after',
      examples('alert rules'),
    ),
    async ({ output }, options) => {
      const list = await connect(options).call('GET /alert-rules');
      output.value(list);
      output.table(
        ['id', 'name', 'when', 'for', 'scope', 'severity', 'notifies'],
        list.rules.map((rule) => [
          rule.id,
          rule.enabled ? rule.name : `${rule.name} (off)`,
          conditionWords(rule.when),
          `${rule.forSeconds} s`,
          [...rule.scope.groups, ...rule.scope.devices].join(' ') || 'the fleet',
          rule.severity,
          rule.notify?.to ?? '-',
        ]),
        'No alert rules.',
      );
      for (const { name, problem } of list.rules)
        if (problem !== undefined) output.note(`${name} cannot fire: ${problem}`);
      return undefined;
    },
  );
}

function stateWords({ state, acknowledgedBy, resolvedMs, endReason }: Alert): string {
  if (state === 'resolved') return `${endReason ?? 'over'} ${formatAge(resolvedMs)}`;
  return acknowledgedBy === undefined ? 'firing' : `seen by ${acknowledgedBy}`;
}

function deliveryWords({ delivery }: Alert): string {
  if (delivery === undefined) return '-';
  return delivery.error === undefined ? delivery.state : `${delivery.state}: ${delivery.error}`;
}
