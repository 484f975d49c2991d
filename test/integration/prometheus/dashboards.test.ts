import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { everyQuery } from '../../docs/dashboards.ts';
import { eventually } from '../fleet/program.ts';
import { projectRoot } from '../goshawk.ts';
import { OpenPrometheus } from './open-prometheus.ts';
import { missing, ScrapedFleet } from './scraped-fleet.ts';
import { neverData, withoutData } from './without-data.ts';

const why = missing('prometheus', 'prometheus');

describe.skipIf(why !== undefined)(
  `The dashboards over a real Prometheus${why === undefined ? '' : ` (skipped: ${why})`}`,
  () => {
    let fleet: ScrapedFleet;
    let prometheus: OpenPrometheus;

    beforeAll(async () => {
      fleet = await ScrapedFleet.open();
      const tokenFile = join(fleet.fleet.folder, 'prometheus.token');
      writeFileSync(tokenFile, fleet.fleet.adminToken);
      prometheus = await OpenPrometheus.open({
        global: {
          scrape_interval: '1s',
          evaluation_interval: '1s',
          external_labels: { goshawk_url: fleet.fleet.url },
        },
        rule_files: [join(projectRoot, 'deploy/prometheus/goshawk.rules.yml')],
        scrape_configs: [
          {
            ...{ job_name: 'goshawk-controller', authorization: { credentials_file: tokenFile } },
            static_configs: [{ targets: [`127.0.0.1:${fleet.fleet.port}`] }],
          },
          {
            job_name: 'goshawk-agent',
            static_configs: [{ targets: [`127.0.0.1:${fleet.agentPort}`] }],
          },
        ],
      });
    });
    afterAll(async () => {
      await prometheus?.close();
      await fleet?.close();
    });

    it('reads both programs', () =>
      eventually('two targets', async () => (await prometheus.count('up == 1')) === 2));

    const queries = everyQuery();

    it('has data for each chart, but for those that say why not', async () => {
      const waiting = new Map(
        queries.filter(({ metric }) => !withoutData.has(metric)).map(({ expr, metric }) => [expr, metric]),
      );
      const seen = async () => {
        for (const expr of [...waiting.keys()]) if ((await prometheus.count(expr)) > 0) waiting.delete(expr);
        return waiting.size === 0;
      };
      // Names what is missing in the end.
      await eventually('data for each chart', seen, 100_000).catch(() => undefined);
      expect([...new Set(waiting.values())]).toEqual([]);
    });

    it('takes the queries of the rest too, which have none', async () => {
      const surprises = new Set<string>();
      for (const { expr, metric } of queries)
        if (withoutData.has(metric) && (await prometheus.count(expr)) > 0 && neverData.includes(metric))
          surprises.add(metric);
      expect([...surprises]).toEqual([]);
    });

    it('records the rules, and a healthy fleet has no pending alert for missing data', async () => {
      await eventually(
        'a recorded latency',
        async () => (await prometheus.count('job_route:goshawk_controller_http_request_seconds:p99_5m')) > 0,
      );
      expect(await prometheus.count('ALERTS{alertstate="firing"}')).toBe(0);
    });

    it('names no metric as one without data that the catalogue has not', () => {
      const known = new Set(queries.map(({ metric }) => metric));
      expect([...withoutData.keys()].filter((name) => !known.has(name))).toEqual([]);
    });
  },
);
