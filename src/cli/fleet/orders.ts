import type { OrderAnswer, OrderOutcome } from '../../runtime/index.ts';
import type { CommandContext } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import type { OwnerOptions } from './owner.ts';

export interface OrderOptions extends OwnerOptions {
  readonly wait?: boolean;
  readonly timeout: number;
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
  const { generations, overridden = {}, outcomes } = answer;
  output.value(answer);
  const devices = Object.keys(generations);
  if (outcomes === undefined) {
    const ordered = devices.filter((device) => !(device in overridden));
    output.line(`Ordered ${what} for ${ordered.join(', ') || 'no device yet'}.`);
    for (const [device, model] of Object.entries(overridden))
      output.line(`${device} keeps ${model.name} ${model.version}: its own settings name it.`);
    return undefined;
  }
  output.table(
    ['device', 'outcome', ''],
    outcomes.map(({ device, outcome, detail }) => [device, outcome, detail]),
    'No device got the order. Check the group: goshawk group list',
  );
  const all = outcomes.length > 0 && outcomes.every(({ outcome }) => outcome === 'committed');
  return all ? undefined : exitCodes.failed.code;
}
