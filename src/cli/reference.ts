/*
 * Writes docs/cli.md from the command line itself:  node --import tsx src/cli/reference.ts > docs/cli.md
 */
import { argv } from 'node:process';
import { pathToFileURL } from 'node:url';
import type { Command } from 'commander';
import { exitCodes } from './exit-codes.ts';
import { createProgram, everyCommand } from './program.ts';

/** Every command with its arguments, options and examples, as Markdown. */
export function cliReference(program: Command): string {
  const codes = Object.values(exitCodes).map(({ code, meaning }) => `| ${code} | ${meaning} |`);
  return [
    '# Command line',
    'Made from the code by `node --import tsx src/cli/reference.ts > docs/cli.md`; do not edit by hand.',
    'Results go to stdout; progress, warnings and errors to stderr. Every command takes `--json` (only JSON on\n' +
      'stdout, one value per line) and `--debug` (stacks and details).',
    'Tables show ages, sizes and durations in units that you can read (`3 min ago`, `25.2 MB`), cut to your terminal, with\n' +
      'colour there unless you set `NO_COLOR`. `-o wide` does not cut, and shows times in UTC; JSON and YAML hold exact\n' +
      'values: milliseconds since 1970, bytes.',
    '## Exit status',
    `| status | meaning |\n|---|---|\n${codes.join('\n')}`,
    ...everyCommand(program)
      .filter((command) => doesSomething(command) && command.name() !== 'help')
      .map(section),
    '',
  ].join('\n\n');
}

/** One with commands below it may do something by itself too: then it takes `--json` as all that do. */
function doesSomething({ commands, options }: Command): boolean {
  return commands.length === 0 || options.some(({ long }) => long === '--json');
}

function section(command: Command): string {
  let help = '';
  // The text behind the options (examples, rules) is printed by a listener, not part of helpInformation().
  command.configureOutput({
    writeOut: (text) => {
      help += text;
    },
    getOutHelpWidth: () => 110,
  });
  command.outputHelp();
  return `## ${pathOf(command)}\n\n\`\`\`text\n${help.trim()}\n\`\`\``;
}

function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}

if (argv[1] !== undefined && import.meta.url === pathToFileURL(argv[1]).href) {
  process.stdout.write(cliReference(createProgram()));
}
