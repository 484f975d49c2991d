import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { metricCatalogue } from '../../../src/api/index.ts';
import { projectRoot } from '../goshawk.ts';
import { type AlertCase, alertCases } from './alert-cases.ts';
import { metricsIn } from './expressions.ts';
import { promtoolMissing } from './scraped-fleet.ts';

interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

const file = join(projectRoot, 'deploy/prometheus/goshawk.rules.yml');
const { groups } = parse(readFileSync(file, 'utf8')) as { groups: { rules: Rule[] }[] };
const rules = groups.flatMap((group) => group.rules);
const alerts = rules.flatMap(({ alert, ...rest }) => (alert === undefined ? [] : [{ alert, ...rest }]));

describe('The rules for Prometheus', () => {
  it('read metrics of the catalogue, and what other rules record', () => {
    const known = new Set([
      ...Object.values(metricCatalogue).flatMap((rows) => rows.map(({ name }) => name as string)),
      ...rules.flatMap(({ record }) => record ?? []),
    ]);
    for (const { expr } of rules) {
      const read = metricsIn(expr);
      expect(read.length, expr).toBeGreaterThan(0);
      expect(
        read.filter((name) => !known.has(name)),
        expr,
      ).toEqual([]);
    }
  });

  it('have a runbook for each alert, and a link to it', () => {
    const runbooks = readFileSync(join(projectRoot, 'docs/runbooks.md'), 'utf8');
    const headings = [...runbooks.matchAll(/^## (Goshawk\w+)$/gm)].map(([, heading]) => heading);
    expect(headings.sort()).toEqual(alerts.map(({ alert }) => alert).sort());
    for (const { alert, annotations } of alerts)
      expect(annotations?.runbook_url).toBe(
        `{{ $externalLabels.goshawk_url }}/docs/runbooks.html#${alert.toLowerCase()}`,
      );
  });

  it('have a case for each alert', () => {
    expect(alertCases.map(({ alert }) => alert).sort()).toEqual(alerts.map(({ alert }) => alert).sort());
  });
});

const why = promtoolMissing === undefined ? '' : ` (skipped: ${promtoolMissing})`;

describe.skipIf(promtoolMissing !== undefined)(`promtool${why}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'goshawk-rules-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('finds nothing wrong with the rules', () => {
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'rules', file], { encoding: 'utf8' });
    expect(status, `${stdout}${stderr}`).toBe(0);
  });

  const firing = ({ alert }: AlertCase, series: Readonly<Record<string, string>>, count: number) => ({
    interval: '1m',
    input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
    promql_expr_test: [
      {
        expr: `count(ALERTS{alertname="${alert}", alertstate="firing"})`,
        eval_time: '90m',
        exp_samples: count === 0 ? [] : [{ labels: '{}', value: count }],
      },
    ],
  });

  it('sees each alert fire on what it is for, and not otherwise', () => {
    const tests = alertCases.flatMap((one) => [firing(one, one.fires, 1), firing(one, one.quiet, 0)]);
    const cases = join(folder, 'rules.test.yml');
    writeFileSync(cases, stringify({ rule_files: [file], evaluation_interval: '1m', tests }));
    const { status, stdout, stderr } = spawnSync('promtool', ['test', 'rules', cases], { encoding: 'utf8' });
    expect(status, `${stdout}${stderr}`).toBe(0);
  });

  it('sees the link to a runbook with the address of the controller', () => {
    const cases = join(folder, 'link.test.yml');
    const labels = 'job="goshawk", instance="fleet:8080"';
    writeFileSync(
      cases,
      stringify({
        rule_files: [file],
        tests: [
          {
            interval: '1m',
            external_labels: { goshawk_url: 'https://fleet.example' },
            input_series: [{ series: `goshawk_controller_storage_ok{${labels}}`, values: '0x10' }],
            alert_rule_test: [
              {
                eval_time: '5m',
                alertname: 'GoshawkStorageFailing',
                exp_alerts: [
                  {
                    exp_labels: { severity: 'critical', job: 'goshawk', instance: 'fleet:8080' },
                    exp_annotations: {
                      summary: 'fleet:8080 cannot write to its database',
                      runbook_url: 'https://fleet.example/docs/runbooks.html#goshawkstoragefailing',
                    },
                  },
                ],
              },
            ],
          },
        ],
      }),
    );
    const { status, stdout, stderr } = spawnSync('promtool', ['test', 'rules', cases], { encoding: 'utf8' });
    expect(status, `${stdout}${stderr}`).toBe(0);
  });
});
