import { describe, expect, it } from 'vitest';
import type { SignalName } from '../../../../src/drift/signals/catalogue.ts';
import type { Evidence } from '../../../../src/drift/verdict/causes.ts';
import { Naming } from '../../../../src/drift/verdict/naming.ts';
import { describeVerdict } from '../../../../src/drift/verdict/verdict.ts';

const evidence = (z: Partial<Record<SignalName, number>>): Evidence => ({
  z: (name) => z[name] ?? 0,
  furthest: (name) => z[name] ?? 0,
  ...{ change: () => 0, fit: undefined, placed: 0, modelSuspect: false },
});
const worse = evidence({ score: -6 });
const emptier = evidence({ detections: -9 });
const slightly = evidence({ score: -6, detections: -7 });
const nothing = evidence({});

/** Names of the seconds, without those that repeat. */
function names(seconds: readonly Evidence[], naming = new Naming()): string[] {
  const said = seconds.map((one) => describeVerdict(naming.tick(one).verdict));
  return said.filter((name, i) => name !== said[i - 1]);
}
const times = (count: number, one: Evidence): Evidence[] => Array.from({ length: count }, () => one);

describe('The name of an incident', () => {
  const table: readonly [what: string, seconds: Evidence[], names: string[]][] = [
    ['is there at once', [worse], ['model regression']],
    [
      'stays while a cause that is clearly better passes',
      [...times(9, worse), ...times(4, emptier), ...times(9, worse)],
      ['model regression'],
    ],
    [
      'changes once a clearly better one stays',
      [...times(9, worse), ...times(25, emptier)],
      ['model regression', 'scene change: emptier'],
    ],
    [
      'stays where another one is hardly better',
      [...times(9, worse), ...times(60, slightly)],
      ['model regression'],
    ],
    [
      'stays where nothing explains what is seen any more',
      [...times(9, worse), ...times(60, nothing)],
      ['model regression'],
    ],
    [
      'is found where it was not known',
      [...times(9, nothing), ...times(25, worse)],
      ['scene change: unfamiliar', 'model regression'],
    ],
  ];
  it.each(table)('%s', (_, seconds, expected) => {
    expect(names(seconds)).toEqual(expected);
  });

  it('does not flutter between two that take turns', () => {
    const turns = Array.from({ length: 120 }, (_, i) => (i % 10 < 5 ? worse : emptier));
    expect(names(turns).length).toBeLessThanOrEqual(2);
  });
});
