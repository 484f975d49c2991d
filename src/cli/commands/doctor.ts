import type { Command } from 'commander';
import { examples, finish } from '../command.ts';

export function doctorCommand(program: Command): void {
  const command = program
    .command('doctor')
    .description('say what this machine has for Goshawk, and what to install for the rest')
    .addHelpText(
      'after',
      `${examples('doctor', 'doctor --json | jq \'.checks[] | select(.state != "ok")\'')}\n
Exit status 0 if everything that Goshawk can't do without is there, else 4.`,
    );
  finish(command, async (context) => {
    const { doctor } = await import('../../runtime/doctor/doctor.ts');
    return doctor(context);
  });
}
