import type { AlertCondition } from '../../api/index.ts';
import { defined, InputError } from '../../base/index.ts';
import { kindOfMetric, type MetricKind } from '../../protocol/index.ts';
import type { MetricCondition } from './condition.ts';

/** Kinds of the metrics of this fleet, by name; undefined for one that it has not seen. */
export type KindOf = (name: string) => MetricKind | undefined;

/** Why a rule about a metric says nothing, however the metric goes; undefined where it can. */
export function metricRuleFault(when: AlertCondition, seen: KindOf): InputError | undefined {
  if (when.kind !== 'metric') return undefined;
  const { name, rate, statistic } = when;
  // What devices send goes before what its name says.
  const kind = seen(name) ?? kindOfMetric(name);
  if (kind === 'counter' && rate === undefined)
    return new InputError(
      'rule-invalid',
      `${name} is a running total: it only grows, so ${comparison(when)} does not describe the present.`,
      `Compare how fast it grows: ${JSON.stringify(asked(when))}.`,
    );
  if (rate !== undefined && kind !== undefined && kind !== 'counter')
    return new InputError(
      'rule-invalid',
      `${name} is a ${kind} and no running total, so it has no rate.`,
      'Leave `rate` out; a histogram has quantiles: `statistic`.',
    );
  if (rate !== undefined && statistic !== undefined)
    return new InputError('rule-invalid', 'A rate has no statistic.', 'Give either `rate` or `statistic`.');
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
    ...defined({ labels }),
    rate: { per: 'minute', overSeconds: 300 },
    ...defined({ above, below }),
  };
}
