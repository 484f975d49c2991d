import { binomialAtLeast, binomialLower, binomialUpper } from '../../../base/index.ts';
import type { Look } from './finding.ts';
import type { Series } from './series.ts';
import { sidesOf } from './sides.ts';
import type { Comparison } from './table.ts';

/** A model that is in order gives a wrong known answer less often than this. */
const usualShare = 0.02;

/** Known answers, and those to challenges: the right answer is known, so no control group is needed. */
export function compareShares({ rule }: Comparison, all: readonly Series[]): Look {
  const series = all.filter(
    ({ subject, changed, value }) => subject.arm === 'treated' && changed < value.length,
  );
  const sides = sidesOf(series);
  let wrong = 0;
  let of = 0;
  for (const { value, weight, changed } of series)
    for (let at = changed; at < value.length; at++) {
      wrong += value[at]! * weight[at]!;
      of += weight[at]!;
    }
  wrong = Math.round(wrong);
  of = Math.round(of);
  if (of === 0)
    return {
      kind: 'missing',
      outcome: 'nothing',
      why: `No ${rule.of} of the wave gave an answer that tells since the change.`,
      settle: rule.needs ?? 'Another look.',
      sides,
    };
  return {
    kind: 'found',
    estimate: wrong / of,
    deviation: undefined,
    pValue: binomialAtLeast(of, wrong, usualShare),
    upper: (tail) => binomialUpper(wrong, of, tail),
    lower: (tail) => binomialLower(wrong, of, tail),
    method: `${wrong} of ${of} answers, exact`,
    sides,
  };
}
