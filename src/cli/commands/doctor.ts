import type { Command } from 'commander';
import { checkMachine } from '../../runtime/index.ts';
import { examples, finish } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { printMachine } from '../print/machine.ts';

export function doctorCommand(program: Command): void {
  const command = program
    .command('doctor')
    .description('say what this machine has for Goshawk, and what to install for the rest')
    .addHelpText(
      'after',
      `${examples('doctor', 'doctor --json | jq \'.checks[] | select(.state != "ok")\'')}\n
Exit status 0 if everything that Goshawk can't do without is there, else 4.`,
    );
  finish(command, async ({ output }) => {
    const report = await checkMachine();
    printMachine(output, report);
    return report.ok ? exitCodes.ok.code : exitCodes.missing.code;
  });
}
