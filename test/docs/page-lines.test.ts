import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommanderError } from 'commander';
import { describe, expect, it } from 'vitest';
import { contents } from '../../docs/.vitepress/contents.ts';
import { createProgram, everyCommand } from '../../src/cli/program.ts';
import { translateRosArguments } from '../../src/runtime/ros/read-ros-arguments.ts';
import { projectRoot } from '../integration/goshawk.ts';
import { pageLines, shellWords } from './page-lines.ts';

/** What the command line says of a typed line before anything runs; undefined: it is taken. */
async function refusal(typed: string): Promise<string | undefined> {
  const program = createProgram();
  // A file of parameters would be read at once.
  const withoutFiles = typed.replace(/ --params-file \S+/, '');
  for (const command of everyCommand(program)) {
    command.configureOutput({ writeErr: () => {}, writeOut: () => {} });
    if ('_actionHandler' in command && command._actionHandler !== null) command.action(() => {});
  }
  try {
    await program.parseAsync(await translateRosArguments(shellWords(withoutFiles).slice(1)), {
      from: 'user',
    });
    return undefined;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return undefined;
    return error instanceof Error ? error.message : String(error);
  }
}

const pages = [...contents.filter(({ evidence }) => evidence !== true).flatMap(({ pages }) => pages)].map(
  ([, page]) => page,
);
const lines = ['../README', ...pages].flatMap((page) =>
  pageLines(readFileSync(join(projectRoot, 'docs', `${page}.md`), 'utf8')).map((one) => ({ page, ...one })),
);

describe('Lines that a page shows to type', () => {
  it('are found, whole', () => {
    expect(
      pageLines('a\n\n    goshawk device list \\\n      --json   # all\n\n```sh\nsudo goshawk doctor\n```\n'),
    ).toEqual([
      { line: 3, typed: 'goshawk device list --json   # all' },
      { line: 7, typed: 'sudo goshawk doctor'.slice(5) },
    ]);
    expect(
      shellWords(`goshawk run --publish 'mqtt://x/{camera}' --name "a b" rtsp://x#y > out & # z`),
    ).toEqual([...['goshawk', 'run', '--publish', 'mqtt://x/{camera}', '--name', 'a b', 'rtsp://x#y']]);
    expect(lines.length).toBeGreaterThan(150);
  });

  it('are refused where they are wrong', async () => {
    expect(await refusal('goshawk device list --labels')).toContain('unknown option');
    expect(await refusal('goshawk run --model b --source sim --duration soon')).toContain('duration');
    expect(await refusal('goshawk device show')).toContain('missing required argument');
    expect(await refusal('goshawk device show cam-1 --json | jq .')).toBeUndefined();
  });

  it('are taken by the command line, with their arguments and the values of their options', async () => {
    const wrong: string[] = [];
    for (const { page, line, typed } of lines) {
      // A part of a line that the page shows whole elsewhere.
      if (typed.includes(' ...')) continue;
      const why = await refusal(typed);
      if (why !== undefined) wrong.push(`${page}.md:${line}: ${typed}: ${why}`);
    }
    expect(wrong).toEqual([]);
  });
});
