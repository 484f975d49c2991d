import { type Command, Option } from 'commander';
import { pinSlot, removeSlot, setSlot } from '../../runtime/index.ts';
import { finish, parseCount, parseList } from '../command.ts';
import { connect, fleetCommand, type Target } from './connect.ts';
import { sentTo } from './format.ts';
import { type OrderOptions, orderCommand, printOrder, waitOf } from './orders.ts';

interface SlotTarget extends Target {
  readonly device?: string;
  readonly group?: string;
  readonly slot: string;
}

interface SetOptions extends OrderOptions {
  readonly slot: string;
  readonly pin?: boolean;
  readonly role?: 'serve' | 'shadow';
  readonly cameras?: readonly string[];
  readonly sample?: number;
}

/** Several models on one device: which version runs in which slot, and whether newer ones take its place. */
export function addSlots(models: Command): void {
  finish<SetOptions>(
    withSlot(
      orderCommand(models, 'set', 'say which model a slot runs; a range or latest follows what is pushed'),
    )
      .argument('<model>', 'name, name@1.2.0, name@latest, name@^1.2 or digest')
      .option('--pin', 'stay at the version that is chosen now')
      .addOption(
        new Option('--role <role>', 'serve, or shadow: only compared with what serves').choices([
          'serve',
          'shadow',
        ]),
      )
      .option('--cameras <names>', 'only these cameras, comma separated', parseList)
      .option('--sample <n>', 'only every n-th frame', parseCount()),
    async (context, options, [wanted = '']) => {
      const request = { ...options, wanted };
      const answer = await setSlot(connect(options), options, request, waitOf(context, options));
      const { name, version } = answer.model;
      return printOrder(context, answer, `${name} ${version} in the slot ${options.slot}`);
    },
  );
  for (const pinned of [true, false])
    finish<SlotTarget>(
      slotCommand(
        models,
        pinned ? 'pin' : 'unpin',
        pinned ? 'let a slot stay at its version' : 'let a slot follow its policy again',
      ),
      async ({ output }, options) => {
        const answer = await pinSlot(connect(options), options, options.slot, pinned);
        output.value(answer);
        output.line(`${options.slot}: ${answer.model.name} ${answer.model.version}. ${sentTo(answer)}`);
        return undefined;
      },
    );
  finish<SlotTarget>(
    ownerOf(
      fleetCommand(
        models,
        'remove',
        'take a slot out of the settings: what runs there is drained and closed',
      ),
    ).requiredOption('--slot <name>', 'the slot; of main the model alone is taken out'),
    async ({ output }, options) => {
      const answer = await removeSlot(connect(options), options, options.slot);
      output.value(answer);
      output.line(sentTo(answer));
      return undefined;
    },
  );
}

function slotCommand(models: Command, name: string, description: string): Command {
  return withSlot(ownerOf(fleetCommand(models, name, description)));
}

function ownerOf(command: Command): Command {
  return command
    .option('--device <id>', 'for this device')
    .option('--group <name>', 'for every device of this group');
}

function withSlot(command: Command): Command {
  return command.option('--slot <name>', 'the slot', 'main');
}
