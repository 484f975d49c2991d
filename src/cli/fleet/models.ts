import { type Command, Option } from 'commander';
import type { SlotScope } from '../../api/index.ts';
import { defined } from '../../base/index.ts';
import { pinSlot, removeSlot, retryModel, setSlot } from '../../runtime/index.ts';
import { examples, finish, parseCount, parseDuration, parseList, withWaiting } from '../command.ts';
import { connect, fleetCommand, type Target } from './connect.ts';
import { type OrderOptions, printOrder, waitOf } from './orders.ts';
import { type OwnerOptions, showTarget, withOwner } from './owner.ts';
import { sentTo } from './sent-to.ts';

interface SlotTarget extends OwnerOptions {
  readonly slot: string;
}

interface DeployOptions extends OrderOptions, SlotScope {
  readonly slot: string;
  readonly pin?: boolean;
  readonly expires?: number;
}

/** Models of a controller, and the devices that run them: one slot of a device or a group at a time. */
export function addFleetModels(model: Command): void {
  addList(model);
  addDeploy(model);
  addUndeploy(model);
  addPin(model);
  addRetry(model);
}

function addList(model: Command): void {
  finish<Target>(
    fleetCommand(model, 'list', 'list the bundles that the controller holds').addHelpText(
      'after',
      examples('model list', "model list --json | jq -r '.models[].digest'"),
    ),
    async ({ output }, options) => {
      const list = await connect(options).call('GET /models');
      output.value(list);
      output.table(
        ['name', 'version', 'variants', 'size', 'devices', 'complete', 'digest'],
        list.models.map((one) => [
          one.name,
          one.version,
          one.variants.map((variant) => variant.kind).join('+'),
          { bytes: one.sizeBytes },
          one.devices,
          one.complete ? 'yes' : `no, missing ${one.missing.join(', ')}`,
          one.digest,
        ]),
        'No models yet. Push one: goshawk model push bundle/',
      );
      return undefined;
    },
  );
}

function addDeploy(model: Command): void {
  finish<DeployOptions>(
    withWait(
      withScope(withSlot(withOwner(fleetCommand(model, 'deploy', 'run a model on a device or a group')))),
    )
      .argument(
        '<model>',
        'name, name@1.2.0, name@latest, name@^1.2 or digest; latest and ranges follow pushes',
      )
      .option('--pin', 'stay at the version that is chosen now')
      .option('--expires <duration>', 'devices that have not begun by then do not begin', parseDuration)
      .addHelpText(
        'after',
        examples(
          'model deploy street --device truck-7 --wait',
          'model deploy street@^1.2 --group canary --dry-run',
          'model deploy street@^1.2 --group canary',
          'model deploy street@2.0.0 --device truck-7 --slot next --role shadow',
        ),
      ),
    async (context, options, [wanted = '']) => {
      if (await showTarget(context.output, options, options.slot)) return undefined;
      const request = { ...options, wanted, ...defined({ expiresInMs: options.expires }) };
      const answer = await setSlot(connect(options), options, request, waitOf(context, options));
      const { name, version } = answer.model;
      const place = options.slot === 'main' ? '' : ` in slot ${options.slot}`;
      return printOrder(context, answer, `${name} ${version}${place}`);
    },
  );
}

function addUndeploy(model: Command): void {
  finish<SlotTarget>(
    withSlot(
      withOwner(
        fleetCommand(
          model,
          'undeploy',
          'remove the model of a slot from the settings of a device or a group: a device then follows its groups again',
        ),
      ),
    ).addHelpText(
      'after',
      examples('model undeploy --device truck-7', 'model undeploy --group canary --slot next'),
    ),
    async ({ output }, options) => {
      if (await showTarget(output, options, options.slot)) return undefined;
      const answer = await removeSlot(connect(options), options, options.slot);
      output.value(answer);
      output.line(sentTo(answer));
      return undefined;
    },
  );
}

const pins = {
  pin: [true, 'keep a slot at its version'],
  unpin: [false, 'let a slot follow its policy again'],
} as const;

function addPin(model: Command): void {
  for (const [name, [pinned, description]] of Object.entries(pins))
    finish<SlotTarget>(
      withSlot(withOwner(fleetCommand(model, name, description))).addHelpText(
        'after',
        examples(`model ${name} --device truck-7`),
      ),
      async ({ output }, options) => {
        if (await showTarget(output, options, options.slot)) return undefined;
        const answer = await pinSlot(connect(options), options, options.slot, pinned);
        output.value(answer);
        output.line(`${options.slot}: ${answer.model.name} ${answer.model.version}. ${sentTo(answer)}`);
        return undefined;
      },
    );
}

function addRetry(model: Command): void {
  finish<OrderOptions & { slot: string }>(
    withWait(
      withSlot(
        withOwner(fleetCommand(model, 'retry', 'order the same model once more, also where it failed')),
      ),
    ).addHelpText('after', examples('model retry --group canary --wait')),
    async (context, options) => {
      if (await showTarget(context.output, options, options.slot)) return undefined;
      const answer = await retryModel(connect(options), options, waitOf(context, options), options.slot);
      return printOrder(context, answer, 'the same model, once more');
    },
  );
}

function withSlot(command: Command): Command {
  return command.option('--slot <name>', 'the slot', 'main');
}

const scopeOptions: { readonly [Row in keyof Required<SlotScope>]: () => Option } = {
  role: () =>
    new Option('--role <role>', 'serve, or shadow: run beside the serving model and compare').choices([
      'serve',
      'shadow',
    ]),
  cameras: () => new Option('--cameras <names>', 'only these cameras, comma separated').argParser(parseList),
  sample: () => new Option('--sample <n>', 'only every n-th frame').argParser(parseCount()),
};

function withScope(command: Command): Command {
  for (const option of Object.values(scopeOptions)) command.addOption(option());
  return command;
}

function withWait(command: Command): Command {
  const what = 'until the order has ended on every device; exit status 1 unless all run the model';
  return withWaiting(command, what, '5m');
}
