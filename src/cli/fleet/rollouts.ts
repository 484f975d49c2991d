import { type Command, InvalidArgumentError } from 'commander';
import {
  experimentWords,
  gateMetricNames,
  type RolloutAction,
  type RolloutDetail,
  type RolloutPolicy,
  trustWords,
} from '../../api/index.ts';
import { defined } from '../../base/index.ts';
import { readRolloutPolicy, waitForRollout } from '../../runtime/index.ts';
import { durationOption, examples, finish, parseCount } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Output } from '../output.ts';
import { connect, fleetCommand, type Target } from './connect.ts';
import { addComparison } from './experiment.ts';
import { lookLines } from './gate-looks.ts';
import { stoppedLines } from './stopped.ts';

interface CreateOptions extends Target {
  readonly file: string;
  readonly dryRun?: boolean;
  readonly draft?: boolean;
}

const actions = {
  start: 'begin a draft',
  approve: 'approve the rollout or its next wave; needs another person than its creator',
  pause: 'pause a rollout: devices that are ready do not switch',
  resume: 'continue a paused rollout',
  promote: 'start the next wave although the gate did not pass; of an experiment: B for all',
  abort: 'end it: devices that are not done roll back, the others keep the new version',
  rollback: 'roll all waves back; of an experiment: A serves everything again',
  resize: 'change the share of B in an experiment',
} as const satisfies Record<RolloutAction['action'], string>;

/** Rollouts: how versions come onto the devices. */
export function rolloutCommands(program: Command): void {
  const rollout = program
    .command('rollout')
    .description('bring a version onto devices, wave by wave')
    .addHelpText(
      'after',
      examples('rollout create street-2 -f rollout.yaml --dry-run', 'rollout show street-2'),
    );
  addShown(rollout);
  finish<CreateOptions>(
    fleetCommand(rollout, 'create', 'make one from a policy')
      .argument('<name>', 'unique among those that are not over')
      .requiredOption('-f, --file <path>', 'the policy, YAML or JSON; - for stdin')
      .option('--dry-run', 'only say its waves, and what its gate will be able to see')
      .option('--draft', 'it begins when it is started')
      .addHelpText('after', `\nMetrics of a gate: ${gateMetricNames.join(', ')}.`)
      .addHelpText(
        'after',
        examples(
          'rollout create street-2 -f rollout.yaml --dry-run',
          'rollout create street-2 -f rollout.yaml',
        ),
      ),
    async ({ output }, options, [name = '']) => {
      const policy = await readRolloutPolicy(options.file);
      const body = { name, policy, ...(options.draft === true ? { draft: true } : {}) };
      if (options.dryRun === true) return preview(output, options, name, policy);
      const made = await connect(options).call('POST /rollouts', { body });
      output.value(made);
      printDetail(output, made);
      return undefined;
    },
  );
  for (const [action, description] of Object.entries(actions) as [RolloutAction['action'], string][])
    finish<Target & { readonly reason?: string; readonly percent?: number }>(
      withPercent(
        fleetCommand(rollout, action, description)
          .argument('<name>', 'name or id')
          .option('--reason <text>', 'written to its history and to the audit log'),
        action,
      ).addHelpText(
        'after',
        examples(`rollout ${action} street-2${action === 'resize' ? ' --percent 30' : ''}`),
      ),
      async ({ output }, options, [name = '']) => {
        const { reason, percent } = options;
        const body = { action, ...defined({ reason, percent }) };
        const answer = await connect(options).call('POST /rollouts/:rollout/actions', {
          params: { rollout: name },
          body,
        });
        output.value(answer);
        output.line(`${answer.name} is ${answer.state}. ${answer.next}`);
        return undefined;
      },
    );
  addComparison(rollout);
  addWait(rollout);
  addFreeze(rollout);
}

function withPercent(command: Command, action: RolloutAction['action']): Command {
  if (action !== 'resize') return command;
  return command.requiredOption('--percent <n>', 'share of the cameras or devices', parsePercent);
}

function parsePercent(text: string): number {
  const percent = Number(text);
  if (text.trim() !== '' && percent > 0 && percent < 100) return percent;
  throw new InvalidArgumentError('Name a number between 0 and 100.');
}

function addShown(rollout: Command): void {
  finish<Target & { readonly active?: boolean; readonly limit: number }>(
    fleetCommand(rollout, 'list', 'rollouts, the newest first')
      .option('--active', 'only those that are not over')
      .option('--limit <n>', 'how many at most', parseCount(), 50)
      .addHelpText('after', examples('rollout list --active')),
    async ({ output }, options) => {
      const { active, limit } = options;
      const list = await connect(options).call('GET /rollouts', { query: { active, limit } });
      output.value(list);
      if (list.freeze !== undefined) output.note(`Frozen by ${list.freeze.by}: ${list.freeze.reason}`);
      output.table(
        ['name', 'model', 'state', 'wave', 'devices', 'since', 'next'],
        list.rollouts.map((one) => [
          one.name,
          `${one.model.name} ${one.model.version}`,
          one.state,
          `${Math.min(one.wave + 1, one.waves.length)} of ${one.waves.length}`,
          counts(one.counts),
          { timeMs: one.sinceMs },
          one.next,
        ]),
        active === true
          ? 'No active rollouts.'
          : 'No rollouts. Make one: goshawk rollout create NAME -f rollout.yaml',
      );
      return undefined;
    },
  );
  finish<Target>(
    fleetCommand(rollout, 'show', 'waves, devices, what the gate saw at its looks and what happens next')
      .argument('<name>', 'name or id')
      .addHelpText('after', examples('rollout show street-2')),
    async ({ output }, options, [name = '']) => {
      const detail = await connect(options).call('GET /rollouts/:rollout', { params: { rollout: name } });
      output.value(detail);
      printDetail(output, detail);
      return undefined;
    },
  );
}

function addWait(rollout: Command): void {
  finish<Target & { readonly timeout: number }>(
    fleetCommand(rollout, 'wait', 'until it is over or needs a person; exit status 1 unless it is finished')
      .argument('<name>', 'name or id')
      .addOption(durationOption('--timeout <duration>', 'how long to wait', '24h'))
      .addHelpText('after', examples('rollout wait street-2 --timeout 2h')),
    async ({ output, signal }, options, [name = '']) => {
      const detail = await waitForRollout(connect(options), name, {
        ...{ signal, timeoutMs: options.timeout },
        onChange: ({ state, wave, next }) => output.note(`${state}, wave ${wave + 1}. ${next}`),
      });
      output.value(detail);
      printDetail(output, detail);
      return detail.state === 'finished' ? undefined : exitCodes.failed.code;
    },
  );
}

async function preview(output: Output, target: Target, name: string, policy: RolloutPolicy) {
  const plan = await connect(target).call('POST /rollouts/preview', { body: { name, policy } });
  output.value(plan);
  output.table(
    ['wave', 'devices', 'soak', 'which'],
    plan.waves.map((wave) => [
      wave.name,
      String(wave.devices.length),
      { durationMs: wave.soakMinutes * 60_000 },
      wave.devices.join(' '),
    ]),
    'No waves.',
  );
  const part = experimentWords(policy);
  if (part !== undefined) output.line(`B is ${part}: the same ones each time.`);
  for (const words of plan.gate) output.line(words);
  if (plan.undecided.length > 0)
    output.note(
      `The gate cannot decide all of that: a wave would end in a pause. ${
        plan.shortestSoakMinutes === undefined
          ? 'Change the soak, or the gate.'
          : `The shortest soak that can: ${plan.shortestSoakMinutes} min.`
      }`,
    );
  for (const { device, why } of plan.leftOut) output.note(`${device} is left out: ${why}`);
  for (const one of plan.overlaps) output.note(`${one} is active on devices of this one.`);
  return undefined;
}

function addFreeze(rollout: Command): void {
  finish<Target & { readonly reason: string }>(
    fleetCommand(rollout, 'stop-all', 'pause all rollouts; devices that are rolling back continue')
      .requiredOption('--reason <text>', 'reason that all users see')
      .addHelpText('after', examples('rollout stop-all --reason "recall of lens 4"')),
    async ({ output }, options) => {
      const list = await connect(options).call('PUT /rollouts/freeze', { body: { reason: options.reason } });
      output.value(list);
      for (const line of stoppedLines(list)) output.line(line);
      return undefined;
    },
  );
  finish<Target>(
    fleetCommand(rollout, 'unfreeze', 'let rollouts work again; each has to be resumed').addHelpText(
      'after',
      examples('rollout unfreeze'),
    ),
    async ({ output }, options) => {
      const list = await connect(options).call('DELETE /rollouts/freeze');
      output.value(list);
      output.line('Rollouts may work again. Those that were stopped are paused: resume them.');
      return undefined;
    },
  );
}

function printDetail(output: Output, detail: RolloutDetail): void {
  const { name, model, state, pause, reason } = detail;
  const part = experimentWords(detail.policy);
  output.line(
    `${name}: ${model.name} ${model.version}${part === undefined ? '' : ` for ${part}`}, ${state}. ${pause?.what ?? reason ?? ''}`,
  );
  output.line(
    `Next: ${detail.next}${detail.nextMs === undefined ? '' : ` (${output.words({ dueMs: detail.nextMs })})`}`,
  );
  output.table(
    ['wave', 'devices', 'began', 'soak began', 'passed', 'gate'],
    detail.waves.map((wave) => [
      wave.name,
      counts(wave.counts),
      { timeMs: wave.startedMs },
      { timeMs: wave.settledMs },
      { timeMs: wave.passedMs },
      wave.gate === undefined ? '-' : `${wave.gate.outcome}: ${wave.gate.says}`,
    ]),
    'No waves.',
  );
  for (const line of detail.waves.flatMap((one) => lookLines(one, (time) => output.words(time))))
    output.line(`  ${line}`);
  for (const result of detail.waves.flatMap((one) => one.gate?.metrics ?? [])) {
    const { metric, outcome, estimate, interval, unit } = result;
    const range = interval?.map((number) => output.words({ number })).join(' to ') ?? '-';
    const seen = `${output.words({ number: estimate })} (${range}) ${unit}`;
    output.line(`  ${metric}: ${outcome}, harm ${seen}; ${trustWords(result)}`);
  }
  output.table(
    ['device', 'wave', 'state', 'since', 'why'],
    detail.devices.map((one) => [
      one.device,
      String(one.wave + 1),
      one.by === undefined ? one.state : `${one.state} (${one.by})`,
      { timeMs: one.sinceMs },
      one.reason ?? '',
    ]),
    'No devices in it.',
  );
}

function counts(by: Readonly<Record<string, number>>): string {
  return (
    Object.entries(by)
      .map(([state, count]) => `${count} ${state}`)
      .join(', ') || '-'
  );
}
