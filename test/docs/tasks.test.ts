import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { gateMetricNames, gateMetricTable } from '../../src/api/index.ts';
import { ModelTask } from '../../src/model/index.ts';
import { whyNoGolden } from '../../src/workbench/golden/detector-model.ts';
import { projectRoot } from '../integration/goshawk.ts';

const page = readFileSync(join(projectRoot, 'docs/manifest.md'), 'utf8');
const tasks: readonly string[] = ModelTask.anyOf.map((literal) => literal.const);

/** Cells by task of the table under a heading. */
function table(heading: string): Map<string, Record<string, string>> {
  const from = page.indexOf(`\n${heading}\n`);
  const lines = page
    .slice(from)
    .split('\n')
    .filter(
      (line, i, all) =>
        line.startsWith('|') && all.slice(0, i).every((one, at) => at < 2 || !one.startsWith('#')),
    );
  const [head = [], , ...rows] = lines.map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
  return new Map(
    rows.map((row) => [
      (row[0] ?? '').replaceAll('`', ''),
      Object.fromEntries(row.map((cell, i) => [head[i] ?? '', cell])),
    ]),
  );
}

describe('docs/manifest.md', () => {
  const results = table('## Results of each task');
  const follows = table('### What follows the results of a task');

  it('has every task in both tables', () => {
    expect([...follows.keys()].sort()).toEqual([...tasks].sort());
    expect([...results.keys()]).toEqual(expect.arrayContaining([...tasks]));
  });

  it.each(tasks.map((task) => [task]))(
    'says of %s what its gates compare and whether it has a golden set',
    (task) => {
      const row = follows.get(task) ?? {};
      expect(row['golden set'] === '-').toBe(
        whyNoGolden(task as Parameters<typeof whyNoGolden>[0]) !== undefined,
      );
      const compared = gateMetricNames.filter((name) => {
        const metric = gateMetricTable[name];
        return 'tasks' in metric && metric.tasks.includes(task);
      });
      const cell = row['what a gate can compare'] ?? '';
      const said = cell === 'as `detection`' ? follows.get('detection')?.['what a gate can compare'] : cell;
      expect(said).toBe(compared.length === 0 ? 'speed, crashes' : compared.join(', '));
    },
  );
});
