import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { metricCatalogue } from '../../src/api/index.ts';
import { projectRoot } from '../integration/goshawk.ts';
import { dashboards, everyQuery, grafanaJson } from './dashboards.ts';

describe('The dashboards for Grafana', () => {
  it.each(dashboards.map((one) => [one.title, one] as const))(
    '%s: its file is up to date',
    async (_title, one) => {
      const file = join(projectRoot, 'deploy/prometheus/dashboards', `${one.uid}.json`);
      await expect(grafanaJson(one)).toMatchFileSnapshot(file);
    },
  );

  it('show every metric of the catalogue', () => {
    const shown = new Set(everyQuery().map(({ metric }) => metric));
    const all = Object.values(metricCatalogue).flatMap((rows) => rows.map(({ name }) => name as string));
    expect(all.filter((name) => !shown.has(name))).toEqual([]);
  });

  it('keep lines apart by labels that the metric has', () => {
    for (const { rows } of dashboards)
      for (const { metric, by = [] } of Object.values(rows).flat())
        expect(metric.labels, metric.name).toEqual(expect.arrayContaining([...by]));
  });
});
