import type { Command } from 'commander';
import { defined } from '../../base/index.ts';
import { checkMachine, checkOta } from '../../runtime/index.ts';
import { type CommandContext, examples, finish } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { printMachine } from '../print/machine.ts';
import { printOta } from '../print/ota.ts';

interface Options {
  readonly config?: string;
  readonly ota?: boolean;
}

export function doctorCommand(program: Command): void {
  const command = program
    .command('doctor')
    .description(
      'show what this machine has for Goshawk, what to install for the rest, and which keys its agent trusts',
    )
    .option(
      '--config <file>',
      'settings of the agent whose trust is looked at (default: the one installed here)',
    )
    .option('--ota', 'instead: would this Jetson switch its slots in a system update, and why not')
    .addHelpText(
      'after',
      `${examples('doctor', 'doctor --json | jq \'.checks[] | select(.state != "ok")\'', 'doctor --config agent.json', 'doctor --ota')}\n
Exit status 4 if something is missing that Goshawk can't do without, 1 if a native part is installed and does not load,
otherwise 0; with --ota 0 if the board would switch, otherwise 5.`,
    );
  finish<Options>(command, async ({ output, signal }, { ota, config }) => {
    if (ota === true) return sayOta(output);
    const report = await checkMachine({ signal, ...defined({ config }) });
    printMachine(output, report);
    if (report.ok) return exitCodes.ok.code;
    return report.fatal.length > 0 ? exitCodes.missing.code : exitCodes.failed.code;
  });
}

async function sayOta(output: CommandContext['output']): Promise<number> {
  const verdict = await checkOta();
  printOta(output, verdict);
  return verdict.ready ? exitCodes.ok.code : exitCodes.refused.code;
}
