import type { AlertCondition } from '../../api/index.ts';
import { kindOfMetric, type MetricKind } from '../../protocol/index.ts';
import type { MetricCondition } from './condition.ts';

export interface MetricRuleProblem {
  readonly what: string;
  readonly remedy: string;
}

/** Kinds of the metrics of this fleet, by name; undefined for one that it has not seen. */
export type KindOf = (name: string) => MetricKind | undefined;

/** Why a rule about a metric says nothing, however the metric goes; undefined where it can. */
export function metricRuleProblem(when: AlertCondition, seen: KindOf): MetricRuleProblem | undefined {
  if (when.kind !== 'metric') return undefined;
  const { name, rate, statistic } = when;
  // What devices send goes before what its name says.
  const kind = seen(name) ?? kindOfMetric(name);
  if (kind === 'counter' && rate === undefined)
    return {
      what: `${name} is a running total: it only grows, so ${comparison(when)} says nothing about now.`,
      remedy: `Compare how fast it grows: ${JSON.stringify(asked(when))}.`,
    };
  if (rate !== undefined && kind !== undefined && kind !== 'counter')
    return {
      what: `${name} is a ${kind} and no running total, so it has no rate.`,
      remedy:
        kind === 'histogram'
          ? 'Compare a quantile of it: `statistic`.'
          : 'Compare its value: leave `rate` out.',
    };
  if (rate !== undefined && statistic !== undefined)
    return { what: 'A rate has no statistic.', remedy: 'Give either `rate` or `statistic`.' };
  return undefined;
}

function comparison({ above, below }: MetricCondition): string {
  return above === undefined ? `below ${below}` : `above ${above}`;
}

/** The same with a rate. */
function asked({ kind, name, labels, above, below }: MetricCondition): AlertCondition {
  return {
    kind,
    name,
    ...(labels === undefined ? {} : { labels }),
    rate: { per: 'minute', overSeconds: 300 },
    ...(above === undefined ? {} : { above }),
    ...(below === undefined ? {} : { below }),
  };
}
