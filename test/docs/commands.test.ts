import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { createProgram } from '../../src/cli/program.ts';
import { projectRoot } from '../integration/goshawk.ts';

const program = createProgram();

/** What is wrong with a command line as a page or a message writes it; undefined: nothing. */
function wrong(line: string): string | undefined {
  const words = line.split(/\s+/).filter((word) => word !== '');
  let command: Command = program;
  let at = 0;
  for (; at < words.length; at++) {
    const next = command.commands.find((one) => one.name() === words[at]);
    if (next === undefined) break;
    command = next;
  }
  const rest = words.slice(at);
  const [first = ''] = rest;
  if (command.commands.length > 0 && command.registeredArguments.length === 0 && /^[a-z]/.test(first))
    return `no command ${first} in \`goshawk ${words.slice(0, at).join(' ')}\``;
  const flags = command.options.flatMap(({ long, short }) => [long, short]);
  const unknown = rest.find(
    (word) => /^--?[a-z]/i.test(word) && !flags.includes(word.split('=')[0]) && !/^(--help|-h)$/.test(word),
  );
  return unknown === undefined
    ? undefined
    : `no option ${unknown} of \`goshawk ${words.slice(0, at).join(' ')}\``;
}

/** Up to what ends a command in a shell, or a comment. */
function typed(line: string): string {
  return (line.split(/\s#|[|;<>&`)]|\s\\$|\.\s|,\s/)[0] ?? '').replace(/[.,:]$/, '');
}

function commandsOf(text: string): string[] {
  const blocks = [...text.matchAll(/^(?: {4,}|\$ )(?:sudo |timeout \S+ |[A-Z_]+=\S+ )*goshawk (.*)$/gm)];
  const spans = [...text.matchAll(/`(?:sudo )?goshawk ([^`]+)`/g)];
  return [...blocks, ...spans].map(([, line = '']) => typed(line.replaceAll('\n', ' ')));
}

const files = (...patterns: string[]) =>
  execFileSync('git', ['ls-files', ...patterns], { cwd: projectRoot, encoding: 'utf8' })
    .split('\n')
    .filter((file) => file !== '' && !/^(docs\/decisions|CHANGELOG)/.test(file));
const read = (file: string) => readFileSync(join(projectRoot, file), 'utf8');

describe('Commands that a person is told to type', () => {
  it('are found wrong where they are', () => {
    expect(wrong('model deploy street --group canary')).toBeUndefined();
    expect(wrong('fleet set-model street')).toBe('no command set-model in `goshawk fleet`');
    expect(wrong('model deploy street --unpin')).toBe('no option --unpin of `goshawk model deploy`');
    expect(commandsOf('see\n\n    sudo goshawk device list # all\n\nor `goshawk doctor`')).toEqual([
      'device list',
      'doctor',
    ]);
  });

  it('exist, in every page', () => {
    const pages = files('docs/*.md', '*.md', 'native/*.md', 'deploy/**/*.md');
    const found = pages
      .flatMap((page) => commandsOf(read(page)).map((line) => ({ page, line })))
      .filter(({ line }) => !line.startsWith('…'));
    expect(found.length).toBeGreaterThan(300);
    const bad = found.flatMap(({ page, line }) => {
      const why = wrong(line);
      return why === undefined ? [] : [`${page}: goshawk ${line}: ${why}`];
    });
    expect(bad).toEqual([]);
  });

  it('exist, in every message and comment of the program', () => {
    const sources = files(
      'src/**/*.ts',
      'src/**/*.tsx',
      'deploy/**/*.sh',
      'deploy/**/*.ts',
      'device/**/*.ts',
    );
    const known = new Set(program.commands.map((command) => command.name()));
    const found = sources.flatMap((file) =>
      [...read(file).matchAll(/goshawk ([a-z][^`'"\n\\$]*)/g)].map(([, line = '']) => ({
        file,
        line: typed(line),
      })),
    );
    const bad = found
      .filter(({ line }) => known.has(line.split(' ')[0] ?? '') || line.startsWith('fleet'))
      .flatMap(({ file, line }) => {
        const why = wrong(line);
        return why === undefined ? [] : [`${file}: goshawk ${line}: ${why}`];
      });
    expect(bad).toEqual([]);
  });
});
