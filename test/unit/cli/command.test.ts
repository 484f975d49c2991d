import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import {
  CancelledError,
  GoshawkError,
  InputError,
  LimitError,
  MissingError,
  RefusedError,
} from '../../../src/base/index.ts';
import {
  finish,
  parseCount,
  parseDuration,
  parseList,
  parseNumber,
  parseOnce,
} from '../../../src/cli/command.ts';
import { exitCodeOf, exitCodes, exitCodeTable } from '../../../src/cli/exit-codes.ts';
import { createProgram, everyCommand } from '../../../src/cli/program.ts';
import { familyNames } from '../../../src/model/index.ts';

describe('Arguments', () => {
  it.each([
    ['20s', 20_000],
    ['1.5m', 90_000],
    ['500ms', 500],
    ['2h', 7_200_000],
    ['7', 7000],
  ])('read %s as a duration', (text, ms) => expect(parseDuration(text)).toBe(ms));

  it.each(['', '-3s', '0', '5 parsecs', 'NaN'])('refuse %s as a duration', (text) => {
    expect(() => parseDuration(text)).toThrow(/duration/);
  });

  it('that may be left out and were are not there', async () => {
    const seen: (readonly string[])[] = [];
    const command = new Command().argument('[model]').argument('[more...]');
    finish(command, async (_context, _options, args) => {
      seen.push(args);
      return undefined;
    });
    await command.parseAsync([], { from: 'user' });
    await command.parseAsync(['street', 'a', 'b'], { from: 'user' });
    expect(seen).toEqual([[], ['street', 'a', 'b']]);
  });

  it('keep numbers within their bounds', () => {
    expect(parseCount()('12')).toBe(12);
    expect(parseNumber(0, 1)('0.25')).toBe(0.25);
    for (const text of ['0', '-1', '1.5', 'x', '']) expect(() => parseCount()(text)).toThrow(/whole number/);
    for (const text of ['1.1', '-0.1', 'x', ''])
      expect(() => parseNumber(0, 1)(text)).toThrow(/number from 0 to 1/);
    expect(parseList(' a, ,b ')).toEqual(['a', 'b']);
  });

  it('that count once are refused the second time, with what to do', () => {
    const parse = parseOnce('Start two.');
    expect(parse('sim', undefined)).toBe('sim');
    expect(() => parse('sim', 'ros:/image')).toThrow('It was given twice. Start two.');
  });
});

describe('The exit status', () => {
  it('tells families of errors apart', () => {
    const errors = [
      new InputError('c', 'm', ''),
      new MissingError('c', 'm', ''),
      new RefusedError('c', 'm', ''),
      new LimitError('c', 'm', ''),
      new CancelledError('x'),
      new Error('m'),
    ];
    expect(errors.map(exitCodeOf)).toEqual([3, 4, 5, 6, 130, 1]);
    expect(exitCodeOf(new GoshawkError('engine-unrecovered', 'It hangs.', 'Start again.'))).toBe(75);
  });

  it('is documented in the help, each once', () => {
    const codes = Object.values(exitCodes).map(({ code }) => code);
    expect(new Set(codes).size).toBe(codes.length);
    for (const code of codes) expect(exitCodeTable()).toMatch(new RegExp(`^ +${code}  `, 'm'));
  });
});

describe('The command line', () => {
  const commands = everyCommand(createProgram());

  it('has the commands of this part', () => {
    const names = commands.map((command) => `${command.parent?.name() ?? ''} ${command.name()}`);
    for (const name of ['goshawk run', 'goshawk doctor', 'model import', 'model evaluate', 'model show']) {
      expect(names).toContain(name);
    }
  });

  it('shows the default of a duration as a person types it', () => {
    for (const { options } of everyCommand(createProgram()))
      for (const { flags, defaultValue, defaultValueDescription } of options)
        if (/<(time|duration)>/.test(flags) && defaultValue !== undefined)
          expect(defaultValueDescription, flags).toMatch(/^\d+(ms|s|m|h|d)$/);
  });

  it('describes every command and every option in words', () => {
    for (const command of commands) {
      expect(command.description(), command.name()).not.toBe('');
      for (const option of command.options) expect(option.description, option.flags).not.toBe('');
    }
  });

  it('gives every command that does something an example', () => {
    for (const command of commands.filter((one) => one.commands.length === 0 && one.name() !== 'help')) {
      let help = '';
      command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
      const path = pathOf(command);
      expect(help, path).toContain(`$ ${path} `.trimEnd());
    }
  });

  it('gives every command that does something --json and --debug', () => {
    for (const command of commands.filter((candidate) => candidate.commands.length === 0)) {
      const flags = command.options.map((option) => option.long);
      expect(flags, command.name()).toEqual(expect.arrayContaining(['--json', '--debug']));
    }
  });

  it('offers every decoder that there is wherever a decoder is asked for', () => {
    const offered = everyCommand(createProgram()).flatMap(({ options }) =>
      options.filter(({ long }) => long === '--decoder').map(({ argChoices }) => argChoices),
    );
    expect(offered.length).toBeGreaterThan(1);
    for (const choices of offered) expect([...(choices ?? [])].sort()).toEqual([...familyNames].sort());
  });
});

function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}
