import { join } from 'node:path';
import { expect, it } from 'vitest';
import { metricCatalogue } from '../../src/api/index.ts';
import type { MetricRow } from '../../src/protocol/index.ts';
import { projectRoot } from '../integration/goshawk.ts';

const chapters = {
  controller: `## Of the controller

\`goshawk_controller_*\` is the controller and the whole fleet. \`goshawk_device_*\` is what a device reported last, for the
first 2,000 devices that are online and 8,000 series of each metric; buckets of latency are powers of two.`,
  agent: `## Of an agent

An agent shows them at its own \`/metrics\` ([settings](settings.md): \`prometheus\`) and sends them to the fleet, where the
dashboard, rules and gates read them by the same names. Some are there only where a board has the sensor, or while you
use the feature.`,
  both: `## Of both programs

Each program exports its own. Only the controller has \`process_resident_memory_bytes\` and
\`nodejs_eventloop_lag_*\`; for an agent, use \`goshawk_memory_bytes\` and \`goshawk_event_loop_delay_p99_seconds\`.`,
} as const;

function line({ name, kind, unit, labels, help }: MetricRow): string {
  const of = labels.length === 0 ? '' : `\`{${labels.join(', ')}}\``;
  return wrapped(`- \`${name}\`${of} (${kind}${unit === '1' ? '' : `, ${unit}`}): ${help}.`);
}

function wrapped(text: string): string {
  let line = '';
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    if (`${line} ${word}`.length > 118) {
      lines.push(line);
      line = `  ${word}`;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].join('\n');
}

it('docs/metrics.md has every metric of the catalogue', async () => {
  const parts = Object.entries(chapters).map(
    ([program, words]) =>
      `${words}\n\n${metricCatalogue[program as keyof typeof chapters].map(line).join('\n')}\n`,
  );
  const page = `# Metrics

Made from the catalogue (\`src/protocol/metrics\`, \`src/api/controller-metrics.ts\`) by
\`npx vitest run test/docs -u\`.
[Watch a fleet with Prometheus and Grafana](monitoring.md) shows how to use them.

${parts.join('\n')}`;
  await expect(page).toMatchFileSnapshot(join(projectRoot, 'docs/metrics.md'));
});

it('No two metrics of the catalogue have one name, and each name says its unit', () => {
  const rows = Object.values(metricCatalogue).flat();
  expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length);
  for (const { name, kind, unit } of rows) {
    expect(name.endsWith('_total'), name).toBe(kind === 'counter');
    if (unit !== '1' && unit !== 'currency') expect(name).toMatch(new RegExp(`_${unit}(_total)?$`));
  }
});
