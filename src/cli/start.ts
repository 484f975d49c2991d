import { CommanderError } from 'commander';
import { translateRosArguments } from '../runtime/index.ts';
import { exitCodeOf, exitCodes } from './exit-codes.ts';
import { Output } from './output.ts';
import { createProgram } from './program.ts';

/** The command of this process; its exit status stands in `process.exitCode` when it ends. */
export async function runCommandLine(argv: readonly string[]): Promise<void> {
  try {
    await createProgram().parseAsync(await translateRosArguments(argv));
  } catch (error) {
    if (error instanceof CommanderError) {
      // Commander printed help, version or what is wrong with the arguments by itself.
      process.exitCode = error.exitCode === 0 ? exitCodes.ok.code : exitCodes.usage.code;
    } else {
      new Output({ format: 'table', debug: argv.includes('--debug') }).error(error);
      process.exitCode = Math.max(exitCodes.usage.code, exitCodeOf(error));
    }
  }
}
