import { type Command, InvalidArgumentError } from 'commander';
import type { Approval, ApprovalRules, Labels, Selector } from '../../api/index.ts';
import { defined } from '../../base/index.ts';
import { expectKnown } from '../../runtime/index.ts';
import { examples, finish } from '../command.ts';
import type { Output } from '../output.ts';
import { connect, fleetCommand, type Target } from './connect.ts';
import { parseLabels } from './label-list.ts';

interface RuleOptions extends Target {
  readonly set?: string;
  readonly remove?: string;
  readonly devices?: string[];
  readonly groups?: string[];
  readonly labels?: Labels;
  readonly all?: boolean;
}

/** What needs a second person. */
export function approvalCommands(program: Command): void {
  const approval = program
    .command('approval')
    .description('orders that need a second person')
    .addHelpText(
      'after',
      examples('approval rules --set clinic --labels site=clinic', 'approval approve 1f2e3d4c'),
    );
  finish<Target>(
    fleetCommand(
      approval,
      'list',
      'list the requests that wait for a second person, newest first',
    ).addHelpText('after', examples('approval list')),
    async ({ output }, options) => {
      const list = await connect(options).call('GET /approvals');
      output.value(list);
      printApprovals(output, list.approvals);
      return undefined;
    },
  );
  finish<Target>(
    fleetCommand(approval, 'approve', 'approve a request of another person')
      .argument('<id>')
      .addHelpText('after', examples('approval approve 1f2e3d4c')),
    async ({ output }, options, [id = '']) => {
      const params = { approval: id };
      const answer = await connect(options).call('POST /approvals/:approval/approve', { params });
      output.value(answer);
      printAnswer(output, answer);
      return undefined;
    },
  );
  finish<Target>(
    fleetCommand(approval, 'refuse', 'refuse a request, or withdraw your own')
      .argument('<id>')
      .addHelpText('after', examples('approval refuse 1f2e3d4c')),
    async ({ output }, options, [id = '']) => {
      const params = { approval: id };
      await connect(options).call('POST /approvals/:approval/refuse', { params });
      output.line('Refused: it has to be asked for again.');
      return undefined;
    },
  );
  finish<Target & { readonly reason: string }>(
    fleetCommand(
      approval,
      'break-glass',
      'carry out a request without a second person; for admins, and all users are notified',
    )
      .argument('<id>')
      .requiredOption('--reason <text>', 'why; it is in the audit log and in an event')
      .addHelpText('after', examples('approval break-glass 1f2e3d4c --reason "robot blocks the exit"')),
    async ({ output }, options, [id = '']) => {
      const { reason } = options;
      const answer = await connect(options).call('POST /approvals/:approval/break-glass', {
        params: { approval: id },
        body: { reason },
      });
      output.value(answer);
      printAnswer(output, answer);
      return undefined;
    },
  );
  addRules(approval);
}

function addRules(approval: Command): void {
  finish<RuleOptions>(
    fleetCommand(approval, 'rules', 'which devices need a second person')
      .option('--set <name>', 'make this rule, or change it, for the devices that are named')
      .option('--devices <ids>', 'comma-separated', parseList)
      .option('--groups <names>', 'comma-separated: members of any of these', parseList)
      .option('--labels <labels>', 'all of these, as site=west,ring=canary', parseLabels)
      .option('--all', 'every device')
      .option('--remove <name>', 'take this rule away')
      .addHelpText('after', examples('approval rules', 'approval rules --set clinic --labels site=clinic')),
    async ({ output }, options) => {
      const client = connect(options);
      await expectKnown(client, options);
      const before = await client.call('GET /approval-rules');
      const body = changed(before, options);
      const rules = body === before ? before : await client.call('PUT /approval-rules', { body });
      output.value(rules);
      output.table(
        ['rule', 'devices'],
        rules.rules.map(({ name, target }) => [name, JSON.stringify(target)]),
        'No rules: no device needs a second person.',
      );
      return undefined;
    },
  );
}

function changed(
  before: ApprovalRules,
  { set, remove, devices, groups, labels, all }: RuleOptions,
): ApprovalRules {
  if (set === undefined && remove === undefined) return before;
  const others = before.rules.filter(({ name }) => name !== set && name !== remove);
  const target: Selector = defined({
    devices,
    groups,
    labels,
    all: all === true ? (true as const) : undefined,
  });
  return { rules: set === undefined ? others : [...others, { name: set, target }] };
}

function parseList(text: string): string[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.includes('')) throw new InvalidArgumentError('Write names with a comma between them.');
  return names;
}

function printApprovals(output: Output, approvals: readonly Approval[]): void {
  output.table(
    ['id', 'asked', 'by', 'what', 'target', 'rules', 'approved by'],
    approvals.map(({ id, askedMs, by, action, target, rules, approvedBy }) => [
      ...[id, { timeMs: askedMs }, by, action, target, rules.join(', '), approvedBy ?? '-'],
    ]),
    'No requests wait for a second person.',
  );
  for (const { id, detail } of approvals) output.note(`${id}: ${detail}`);
}

function printAnswer(output: Output, { by, action, target }: Approval): void {
  output.line(`${by} may do it once: ${action} of ${target}, in the same words.`);
}
