import { spawnSync } from 'node:child_process';
import { Command, Option } from 'commander';
import { describe, expect, it } from 'vitest';
import { createProgram } from '../../../../src/cli/program.ts';
import { commandNodes, completionScript, shells } from '../../../../src/cli/shell/index.ts';

function program(): Command {
  const root = new Command('goshawk').description("it's a program").option('-V, --version', 'the version');
  root
    .command('run')
    .description('run one camera')
    .option('--model <bundle>', 'a folder')
    .addOption(new Option('--engine <name>', 'what runs').choices(['auto', 'tensorrt']))
    .option('--loop', 'begin again');
  const model = root.command('model').description('models');
  model.command('show <bundle>').description('show one: all of it');
  model.command('run').description('the same word below another command');
  return root;
}

/** What bash offers for the last word. */
function offered(...words: readonly string[]): readonly string[] {
  const script = `${completionScript('bash', commandNodes(program()))}
    compopt() { echo "files"; }
    COMP_WORDS=("$@"); COMP_CWORD=$(( $# - 1 ))
    _goshawk; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const result = spawnSync('bash', ['-c', script, 'bash', 'goshawk', ...words], { encoding: 'utf8' });
  expect(result.stderr).toBe('');
  return result.stdout.split('\n').filter((line) => line !== '');
}

const has = (shell: string) => spawnSync('sh', ['-c', `command -v ${shell}`]).status === 0;

describe('Completion in bash', () => {
  it('offers the commands', () => {
    expect(offered('')).toEqual(['run', 'model', '-V', '--version', '-h', '--help']);
  });

  it('offers the commands below one, and knows two of one name apart', () => {
    expect(offered('model', '')).toEqual(['show', 'run', '-h', '--help']);
    expect(offered('model', 'run', '--')).toEqual(['--help']);
    expect(offered('run', '--l')).toEqual(['--loop']);
  });

  it('offers the values of a choice, and files for any other value', () => {
    expect(offered('run', '--engine', '')).toEqual(['auto', 'tensorrt']);
    expect(offered('run', '--engine', 't')).toEqual(['tensorrt']);
    expect(offered('run', '--model', '')).toEqual(['files']);
    expect(offered('model', 'show', '')).toContain('files');
  });

  it('does not take the value of an option for a command', () => {
    expect(offered('run', '--model', 'model', '--e')).toEqual(['--engine']);
  });
});

describe('The completion scripts of the whole command line', () => {
  for (const shell of shells) {
    const there = has(shell);
    it.skipIf(!there)(
      `are read by ${shell} without a complaint${there ? '' : `: ${shell} is not installed`}`,
      () => {
        const script = completionScript(shell, commandNodes(createProgram()));
        const result = spawnSync(shell, ['-n'], { input: script, encoding: 'utf8' });
        expect(result.stderr).toBe('');
        expect(result.status).toBe(0);
        expect(script).toContain('undeploy');
      },
    );
  }

  it.skipIf(!has('fish'))(
    `offer in fish what they offer in bash${has('fish') ? '' : ': fish is not installed'}`,
    () => {
      const script = `${completionScript('fish', commandNodes(program()))}\ncomplete -C "goshawk model s"; complete -C "goshawk run --engine t"`;
      const result = spawnSync('fish', ['--no-config', '-c', script], { encoding: 'utf8' });
      expect(result.stdout).toBe('show\tshow one: all of it\ntensorrt\twhat runs\n');
    },
  );
});
