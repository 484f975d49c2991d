import { Command } from 'commander';
import { goshawkVersion } from '../runtime/index.ts';
import { examples } from './command.ts';
import { commandGroups } from './commands/index.ts';
import { exitCodeTable } from './exit-codes.ts';

/** The whole command line as data; nothing runs before `parseAsync`. */
export function createProgram(): Command {
  const program = new Command('goshawk')
    .description('Perception on edge devices: run models on cameras, and operate a fleet of devices.')
    .version(goshawkVersion(), '-V, --version')
    .showSuggestionAfterError()
    // `controller` has commands below it and options of its own: `controller ca init --json` is meant for the last of them.
    .enablePositionalOptions()
    .showHelpAfterError('(add --help for what it takes)')
    .exitOverride()
    .addHelpText(
      'after',
      `${examples(
        'model import yolo11n.onnx --out bundle/',
        'model evaluate bundle/ --images val/images --labels val/labels',
        'run --model bundle/ --source street.mp4 --draw drawn/',
        'doctor',
      )}\n\n${exitCodeTable()}`,
    );
  for (const [heading, modules] of Object.entries(commandGroups)) {
    program.commandsGroup(heading);
    for (const add of modules) add(program);
  }
  for (const command of everyCommand(program)) {
    command.showHelpAfterError('(add --help for what it takes)').exitOverride();
    nameTyposFirst(command);
  }
  return program;
}

/** Without it a misspelled option that is required reads as a missing one: commander looks for missing options first. */
function nameTyposFirst(command: Command): void {
  const inner = command as unknown as Record<
    'missingMandatoryOptionValue' | 'unknownOption',
    (of: unknown) => void
  >;
  const missing = inner.missingMandatoryOptionValue.bind(command);
  inner.missingMandatoryOptionValue = (option) => {
    const unknown = command.args.find((arg) => /^--?[a-z]/i.test(arg));
    if (unknown === undefined) missing(option);
    else inner.unknownOption(unknown);
  };
}

/** The program, its commands and theirs. */
export function everyCommand(root: Command): readonly Command[] {
  return [root, ...root.commands.flatMap(everyCommand)];
}
