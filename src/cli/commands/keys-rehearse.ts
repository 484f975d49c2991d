import { type Command, Option } from 'commander';
import { noProgress, type Rehearsed, recoveryNames, rehearseRecoveries } from '../../runtime/index.ts';
import { pushModel } from '../../workbench/index.ts';
import { examples, finish, parseCount, workPorts } from '../command.ts';
import type { Output } from '../output.ts';

interface RehearseCommand {
  readonly only: readonly string[];
  readonly devices: number;
}

/** `goshawk keys rehearse`: what is done after the worst, done once before it. */
export function rehearseCommand(keys: Command): void {
  finish<RehearseCommand>(
    keys
      .command('rehearse')
      .description(
        'lose each key, and more, in a small fleet of this process, and get it back; docs/trust.md',
      )
      .argument(
        '[file]',
        'file that your owners signed; the rehearsal takes its number of keys, thresholds and models (default: two of three keys)',
      )
      .addOption(new Option('--only <name...>', 'these recoveries').choices(recoveryNames).default([]))
      .option('--devices <n>', 'agents of the small fleet', parseCount(), 2)
      .addHelpText(
        'after',
        examples('keys rehearse fleet-trust.json', 'keys rehearse fleet-trust.json --only online-key'),
      ),
    async (context, { only, devices }, [file]) => {
      const { output } = context;
      output.note(
        'The rehearsal does not touch your fleet and needs none of its private keys. It takes a few minutes ...',
      );
      const done = await rehearseRecoveries({
        ...{ file, only, devices, signal: context.signal },
        push: (folder, controller) =>
          pushModel(folder, undefined, controller, {
            ...workPorts(context, 'warn'),
            startProgress: noProgress,
          }),
        onDone: (one) => print(output, one),
      });
      const failed = done.filter(({ worked }) => !worked);
      output.line(
        failed.length === 0
          ? `${done.length} of ${done.length} worked.`
          : `${failed.length} of ${done.length} did not work: ${failed.map(({ name }) => name).join(', ')}`,
      );
      return failed.length === 0 ? 0 : 1;
    },
  );
}

function print(output: Output, one: Rehearsed): void {
  output.value({ type: 'recovery', ...one });
  output.line(`${one.worked ? 'worked' : 'FAILED'}  ${one.name}: ${one.gone}`);
  output.line(`        until it is undone: ${one.harm}`);
  output.line(`        until: ${one.until}`);
  output.line(`        do: ${one.command}`);
  output.line(
    one.worked ? `        all devices were right after ${one.seconds} s` : `        why: ${one.why ?? ''}`,
  );
}
