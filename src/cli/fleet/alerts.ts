import type { Command } from 'commander';
import { type Alert, conditionWords, type Severity } from '../../api/index.ts';
import { defined } from '../../base/index.ts';
import { expectKnown, typedNames } from '../../runtime/index.ts';
import { durationOption, examples, finish, parseCount, severityOption } from '../command.ts';
import type { Output } from '../output.ts';
import { connect, fleetCommand, type Target } from './connect.ts';

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
  addSilence(alert);
  addAssign(alert);
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
      const client = connect(options);
      const list = await client.call('GET /alerts', { query });
      if (list.alerts.length === 0) await expectKnown(client, typedNames(options));
      output.value(list);
      output.table(
        ['id', 'since', 'state', 'severity', 'rule', 'summary', 'message'],
        list.alerts.map((one) => [
          one.id,
          { timeMs: one.sinceMs },
          stateWords(output, one),
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

function addSilence(alert: Command): void {
  interface Options extends Target {
    readonly for: number;
    readonly reason?: string;
    readonly end?: boolean;
  }
  finish<Options>(
    fleetCommand(alert, 'silence', 'send no messages about an alert for a time')
      .argument('<id>')
      .addOption(durationOption('--for <duration>', 'how long', '1h'))
      .option('--reason <text>', 'shown beside it and written to the audit log')
      .option('--end', 'send messages again')
      .addHelpText(
        'after',
        examples(
          'alert silence 1f2e3d4c --for 2h --reason "lens is cleaned"',
          'alert silence 1f2e3d4c --end',
        ),
      ),
    async ({ output }, options, [id = '']) => {
      const minutes = options.end === true ? 0 : options.for / 60_000;
      const body = { minutes, ...defined({ reason: options.reason }) };
      const one = await connect(options).call('POST /alerts/:id/silence', { params: { id }, body });
      output.value(one);
      const { silence } = one;
      output.line(
        `${one.summary}: ${silence === undefined ? 'messages are sent again' : `messages again ${output.words({ dueMs: silence.untilMs })}`}.`,
      );
      return undefined;
    },
  );
}

function addAssign(alert: Command): void {
  finish<Target>(
    fleetCommand(alert, 'assign', 'assign an alert to a person or a team')
      .argument('<id>')
      .argument('[person]', 'a person or a team; left out: ends the assignment')
      .addHelpText('after', examples('alert assign 1f2e3d4c ann')),
    async ({ output }, options, [id = '', to]) => {
      const body = defined({ to });
      const one = await connect(options).call('POST /alerts/:id/assign', { params: { id }, body });
      output.value(one);
      output.line(`${one.summary}: ${to === undefined ? 'no longer assigned' : `assigned to ${to}`}.`);
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
          { durationMs: rule.forSeconds * 1000 },
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

function stateWords(output: Output, alert: Alert, nowMs = Date.now()): string {
  const { state, acknowledgedBy, resolvedMs, endReason, silence, assigned } = alert;
  if (state === 'resolved') return `${endReason ?? 'over'} ${output.words({ timeMs: resolvedMs })}`;
  const isSilent = silence !== undefined && silence.untilMs > nowMs;
  return [
    acknowledgedBy === undefined ? 'firing' : `seen by ${acknowledgedBy}`,
    ...(assigned === undefined ? [] : [`assigned to ${assigned.to}`]),
    ...(isSilent ? [`silenced by ${silence.by}, ends ${output.words({ dueMs: silence.untilMs })}`] : []),
  ].join(', ');
}

function deliveryWords({ delivery }: Alert): string {
  if (delivery === undefined) return '-';
  return delivery.error === undefined ? delivery.state : `${delivery.state}: ${delivery.error}`;
}
