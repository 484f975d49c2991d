import { Argument, type Command } from 'commander';
import { examples, finish } from '../command.ts';
import { completionScript, type Shell, shells } from '../shell/completion.ts';
import { commandNodes } from '../shell/tree.ts';

export function completionCommand(program: Command): void {
  finish(
    program
      .command('completion')
      .description('print the completion script of your shell')
      .addArgument(new Argument('<shell>', 'which shell').choices(shells))
      .addHelpText(
        'after',
        examples(
          'completion bash > ~/.local/share/bash-completion/completions/goshawk',
          'completion zsh | sudo tee /usr/local/share/zsh/site-functions/_goshawk',
          'completion fish > ~/.config/fish/completions/goshawk.fish',
        ),
      ),
    async ({ output }, _options, [shell = '']) => {
      const script = completionScript(shell as Shell, commandNodes(program));
      output.value({ type: 'completion', shell, script });
      output.line(script.trimEnd());
      return undefined;
    },
  );
}
