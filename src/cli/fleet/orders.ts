import type { Command } from 'commander';
import { defined, InputError } from '../../base/index.ts';
import {
  type OrderAnswer,
  type OrderOutcome,
  retryModel,
  setModel,
  unpinModel,
} from '../../runtime/index.ts';
import { type CommandContext, durationOption, finish, parseDuration } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { connect, fleetCommand, type Target } from './connect.ts';
import { sentTo } from './format.ts';

export interface OrderOptions extends Target {
  readonly device?: string;
  readonly group?: string;
  readonly wait?: boolean;
  readonly timeout: number;
}

/** Which model devices run: order, try again, take back. */
export function addOrders(fleet: Command): void {
  finish<OrderOptions & { unpin?: boolean; expires?: number }>(
    orderCommand(fleet, 'set-model', 'say which model a device or a group runs')
      .argument('[model]', 'name, name@version or digest')
      .option('--unpin', 'take the model out of these settings: a device follows its groups again')
      .option('--expires <duration>', 'a device that has not begun by then does not begin', parseDuration),
    async (context, options, [wanted]) => {
      const { output } = context;
      if ((wanted === undefined) !== (options.unpin === true))
        throw new InputError(
          'model-unclear',
          wanted === undefined ? 'Which model?' : 'A model and --unpin contradict each other.',
          'Name a model (goshawk fleet models lists them), or give --unpin without one.',
        );
      const client = connect(options);
      if (wanted === undefined) {
        const answer = await unpinModel(client, options);
        output.value(answer);
        output.line(sentTo(answer));
        return undefined;
      }
      const expiry = defined({ expiresInMs: options.expires });
      const answer = await setModel(client, options, wanted, { ...expiry, wait: waitOf(context, options) });
      return printOrder(context, answer, `${answer.name} ${answer.version}`);
    },
  );
  finish<OrderOptions & { slot: string }>(
    orderCommand(fleet, 'retry', 'order the same model once more, also where it had failed').option(
      '--slot <name>',
      'of this slot',
      'main',
    ),
    async (context, options) => {
      const answer = await retryModel(connect(options), options, waitOf(context, options), options.slot);
      return printOrder(context, answer, 'the same model, once more');
    },
  );
}

export function orderCommand(fleet: Command, name: string, description: string): Command {
  return fleetCommand(fleet, name, description)
    .option('--device <id>', 'for this device')
    .option('--group <name>', 'for every device of this group')
    .option('--wait', 'until the order has ended on every device; exit status 1 unless all run the model')
    .addOption(durationOption('--timeout <duration>', 'how long to wait', '5m'));
}

export function waitOf({ output, signal }: CommandContext, { wait, timeout }: OrderOptions) {
  if (wait !== true) return undefined;
  const onOutcome = ({ device, outcome, detail }: OrderOutcome) =>
    output.note(`${device}: ${outcome}, ${detail}`);
  return { timeoutMs: timeout, signal, onOutcome };
}

/** Success is said of what runs, device by device; without --wait only that it was ordered. */
export function printOrder(
  { output }: Pick<CommandContext, 'output'>,
  answer: OrderAnswer,
  what: string,
): number | undefined {
  const { generations, pinned = {}, outcomes } = answer;
  output.value(answer);
  const devices = Object.keys(generations);
  if (outcomes === undefined) {
    const ordered = devices.filter((device) => !(device in pinned));
    output.line(`Ordered ${what} for ${ordered.join(', ') || 'no device yet'}.`);
    for (const [device, model] of Object.entries(pinned))
      output.line(`${device} is pinned to ${model.name} ${model.version} and does not follow.`);
    return undefined;
  }
  output.table(
    ['device', 'outcome', ''],
    outcomes.map(({ device, outcome, detail }) => [device, outcome, detail]),
  );
  if (outcomes.length === 0) output.note('No device is meant: nobody runs it. Is it the right group?');
  const all = outcomes.length > 0 && outcomes.every(({ outcome }) => outcome === 'committed');
  return all ? undefined : exitCodes.failed.code;
}
