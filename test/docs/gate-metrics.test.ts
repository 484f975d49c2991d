import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { gateMetricNames, gateMetricTable } from '../../src/api/index.ts';
import { type Comparison, comparisonOf } from '../../src/controller/rollouts/gates/table.ts';
import { sayAmount } from '../../src/controller/rollouts/gates/words.ts';
import { projectRoot } from '../integration/goshawk.ts';

const file = join(projectRoot, 'docs/rollout-gates.md');
const head = '| metric | what it is | usual harm |\n|---|---|---|\n';

function way({ rule, direction }: Comparison): string {
  if (rule.kind === 'share' || rule.kind === 'bound') return 'of all';
  if (rule.kind === 'events') return 'more';
  return direction === 'down' ? 'lower' : 'higher';
}

function row(metric: (typeof gateMetricNames)[number]): string {
  const comparison = comparisonOf({ metric });
  const amount = sayAmount(comparison, comparison.harm);
  return `| \`${metric}\` | ${gateMetricTable[metric].about} | ${amount} ${way(comparison)} |\n`;
}

describe('docs/rollout-gates.md', () => {
  it('has every metric of gates, as the table has it', async () => {
    const page = readFileSync(file, 'utf8');
    const from = page.indexOf(head);
    expect(from).toBeGreaterThan(0);
    const to = page.indexOf('\n\n', from) + 1;
    const made = page.slice(0, from) + head + gateMetricNames.map(row).join('') + page.slice(to);
    await expect(made).toMatchFileSnapshot(file);
  });
});
