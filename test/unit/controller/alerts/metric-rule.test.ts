import { describe, expect, it } from 'vitest';
import type { AlertCondition } from '../../../../src/api/index.ts';
import { metricRuleFault } from '../../../../src/controller/alerts/metric-rule.ts';
import { type MetricKind, metricNames } from '../../../../src/protocol/index.ts';

type Metric = Extract<AlertCondition, { kind: 'metric' }>;
const problem = (when: Omit<Metric, 'kind'>, kind?: MetricKind) =>
  metricRuleFault({ kind: 'metric', ...when }, () => kind);

describe('A rule about a metric', () => {
  it('that compares a running total is refused, with the sentence that says it right', () => {
    const found = problem({ name: metricNames.detections, below: 1 });
    expect(found?.message).toBe(
      'goshawk_detections_total is a running total: it only grows, so below 1 does not describe the present.',
    );
    expect(found?.remedy).toContain(
      '{"kind":"metric","name":"goshawk_detections_total","rate":{"per":"minute","overSeconds":300},"below":1}',
    );
    const said = JSON.parse(/\{.*\}/.exec(found?.remedy ?? '')?.[0] ?? '') as Metric;
    expect(metricRuleFault(said, () => undefined)).toBeUndefined();
  });

  it.each<[string, Omit<Metric, 'kind'>, MetricKind | undefined, string | undefined]>([
    ['a rate of a total', { name: 'x_total', rate: { per: 'hour' }, below: 1 }, undefined, undefined],
    ['a total by what devices send', { name: 'turns', above: 1 }, 'counter', 'running total'],
    ['a gauge of that name', { name: 'x_total', above: 1 }, 'gauge', undefined],
    ['a gauge', { name: metricNames.fps, below: 5 }, undefined, undefined],
    [
      'the rate of a gauge',
      { name: metricNames.fps, rate: { per: 'second' }, below: 5 },
      undefined,
      'no rate',
    ],
    [
      'the rate of a histogram',
      { name: metricNames.latency, rate: { per: 'second' }, above: 5 },
      undefined,
      'no rate',
    ],
    [
      'a quantile of a rate',
      { name: 'x_total', rate: { per: 'hour' }, statistic: 'p99', above: 1 },
      undefined,
      'no statistic',
    ],
    ['a metric that nobody knows', { name: 'my_own', above: 1 }, undefined, undefined],
    [
      'the rate of one that nobody knows',
      { name: 'my_own', rate: { per: 'minute' }, above: 1 },
      undefined,
      undefined,
    ],
  ])('%s', (_, when, kind, expected) => {
    const found = problem(when, kind);
    if (expected === undefined) expect(found).toBeUndefined();
    else expect(found?.message).toContain(expected);
  });
});
