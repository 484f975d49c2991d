import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Family, families } from '../../src/model/index.ts';
import { projectRoot } from '../integration/goshawk.ts';

const file = join(projectRoot, 'docs/families.md');
const head = '| `--decoder` | networks | outputs | colours, scale, fit | mean |\n|---|---|---|---|---|\n';

function row({ name, title, layout, input }: Family): string {
  const { colorOrder, scale, fit, mean } = input;
  const scaled = scale === 1 ? '1' : `1/${Math.round(1 / scale)}`;
  const shown = mean?.map((value) => String(value)).join(' ') ?? '';
  return `| \`${name}\` | ${title} | ${layout} | ${colorOrder} ${scaled} ${fit} | ${shown} |\n`;
}

describe('docs/families.md', () => {
  it('has every family that is read, as the table of families has it', async () => {
    const page = readFileSync(file, 'utf8');
    const from = page.indexOf(head);
    expect(from).toBeGreaterThan(0);
    const to = page.indexOf('\n\n', from) + 1;
    const made = page.slice(0, from) + head + families.map(row).join('') + page.slice(to);
    await expect(made).toMatchFileSnapshot(file);
  });
});
