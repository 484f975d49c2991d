import type { Command, Option } from 'commander';

/** What a shell or a manual has to know of one command. */
export interface CommandNode {
  /** `model import`; empty for the program itself. */
  readonly path: string;
  readonly description: string;
  readonly commands: readonly { readonly name: string; readonly description: string }[];
  readonly options: readonly OptionNode[];
  readonly arguments: readonly { readonly name: string; readonly description: string }[];
}

export interface OptionNode {
  /** `-h, --help` as commander writes it, with the value's name. */
  readonly usage: string;
  readonly flags: readonly string[];
  readonly description: string;
  readonly takesValue: boolean;
  /** The only values that are taken; empty: any, completed as a file. */
  readonly choices: readonly string[];
}

/** The program and every command below it, hidden ones left out. */
export function commandNodes(program: Command, path = ''): readonly CommandNode[] {
  const help = program.createHelp();
  const commands = help.visibleCommands(program).filter((command) => command.name() !== 'help');
  return [
    {
      path,
      description: program.description(),
      commands: commands.map((command) => ({ name: command.name(), description: command.description() })),
      options: help.visibleOptions(program).map(optionNode),
      arguments: program.registeredArguments.map((argument) => ({
        name: argument.name(),
        description: argument.description,
      })),
    },
    ...commands.flatMap((command) => commandNodes(command, `${path} ${command.name()}`.trim())),
  ];
}

function optionNode(option: Option): OptionNode {
  return {
    usage: option.flags,
    flags: [option.short, option.long].filter((flag) => flag !== undefined),
    description: option.description,
    takesValue: option.required || option.optional,
    choices: option.argChoices ?? [],
  };
}
