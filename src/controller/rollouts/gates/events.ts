import { binomialAtLeast, poissonLower, poissonUpper } from '../../../base/index.ts';
import type { Finding, Look, Sides } from './finding.ts';
import type { Series } from './series.ts';
import { sidesOf } from './sides.ts';
import type { Comparison } from './table.ts';

interface Exposure {
  readonly events: number;
  readonly hours: number;
}

/**
 * Events that are few: a device counts once per block, since one cause raises several at once. What happens to the treated
 * must be too much against each measure that there is: the control devices of the same hours, and the hours before.
 */
export function compareEvents(comparison: Comparison, all: readonly Series[], leastBlocks: number): Look {
  const series = all.filter(({ changed, value }) => changed < value.length);
  const sides = sidesOf(series);
  if (sides.treated.blocks < leastBlocks) return noHours(comparison, all, sides, leastBlocks);
  const after = exposure(series, 'treated', 'after');
  const measures = [exposure(series, 'control', 'after'), exposure(series, 'treated', 'before')].filter(
    ({ hours }) => hours > 0,
  );
  if (measures.length === 0)
    return {
      kind: 'missing',
      outcome: 'thin',
      why: 'There is no data of the hours before, and no control.',
      settle: 'Some hours of history, or control devices.',
      sides,
    };
  return found(comparison, after, measures, sides);
}

function found(
  comparison: Comparison,
  after: Exposure,
  measures: readonly Exposure[],
  sides: Sides,
): Finding {
  const usual = Math.max(...measures.map(({ events, hours }) => events / hours));
  const pValue = Math.max(
    ...measures.map(({ events, hours }) =>
      binomialAtLeast(after.events + events, after.events, after.hours / (after.hours + hours)),
    ),
  );
  return {
    kind: 'found',
    estimate: after.events / after.hours - usual,
    deviation: undefined,
    pValue,
    upper: (tail) => poissonUpper(after.events, tail) / after.hours - usual,
    lower: (tail) => poissonLower(after.events, tail) / after.hours - usual,
    method: `${after.events} ${comparison.rule.words} in ${after.hours.toFixed(1)} h, exact`,
    sides,
  };
}

function exposure(series: readonly Series[], arm: 'treated' | 'control', when: 'before' | 'after'): Exposure {
  let hours = 0;
  const counted = new Set<string>();
  for (const { subject, value, weight, changed, usual } of series) {
    if (subject.arm !== arm) continue;
    const [from, to] = when === 'after' ? [changed, value.length] : [0, usual];
    for (let at = from; at < to; at++) {
      hours += weight[at]!;
      // Blocks are counted from their end: series begin at different times and all end now.
      if (value[at]! * weight[at]! > 0.5) counted.add(`${subject.device} ${value.length - at}`);
    }
  }
  return { events: counted.size, hours };
}

function noHours({ rule }: Comparison, all: readonly Series[], sides: Sides, leastBlocks: number): Look {
  const sent = all.some(({ subject }) => subject.arm === 'treated');
  return {
    kind: 'missing',
    outcome: 'nothing',
    why: sent
      ? `There are ${sides.treated.blocks} blocks after the change, ${leastBlocks} are needed.`
      : `No ${rule.of} of the wave sends ${rule.words}.`,
    settle: sent
      ? 'More minutes after the change.'
      : 'Remove the metric from the gate, or let the devices send it.',
    sides,
  };
}
