import { describe, expect, it } from 'vitest';
import { Incidents } from '../../../src/drift/incidents.ts';
import type { Verdict } from '../../../src/drift/verdict/verdict.ts';

const frozen: Verdict = { kind: 'sensor-fault', fault: 'frozen' };
const fog: Verdict = { kind: 'scene-change', change: 'hazier' };
const options = { raiseTicks: 2, changeTicks: 3, clearTicks: 4, coolDownMs: 60_000 };

/** One verdict per second: F frozen, g fog, . none. Gives what went out, and when. */
function run(script: string, incidents = new Incidents(options), fromS = 0): string[] {
  return [...script].flatMap((letter, second) => {
    const verdict = letter === 'F' ? frozen : letter === 'g' ? fog : undefined;
    const atMs = (fromS + second) * 1000;
    const alarm = incidents.tick(verdict, atMs, () => ({
      signals: [],
      view: undefined,
      expectedLoss: undefined,
      expectedLossRange: undefined,
    }));
    return alarm === undefined
      ? []
      : [`${atMs / 1000} ${alarm.phase} ${alarm.message} #${alarm.incident} since ${alarm.sinceMs / 1000}`];
  });
}

describe('The life of an incident', () => {
  const table: [what: string, script: string, alarms: string[]][] = [
    ['one tick is not enough', 'F...F...', []],
    ['two in a row raise it, once', 'FFFFFF', ['1 raised sensor fault: frozen #1 since 0']],
    ['two different ones do not', 'FgFgFg', []],
    [
      'another verdict that stays changes it',
      'FFggg',
      ['1 raised sensor fault: frozen #1 since 0', '4 changed scene change: hazier #1 since 0'],
    ],
    ['another verdict that passes does not', 'FFggFgF', ['1 raised sensor fault: frozen #1 since 0']],
    [
      'quiet for long enough clears it',
      'FF....',
      ['1 raised sensor fault: frozen #1 since 0', '5 cleared sensor fault: frozen #1 since 0'],
    ],
    ['a short pause does not', 'FF...FF...', ['1 raised sensor fault: frozen #1 since 0']],
    [
      'the same verdict rests in its cool-down, another one does not',
      'FF....FFgg',
      [
        '1 raised sensor fault: frozen #1 since 0',
        '5 cleared sensor fault: frozen #1 since 0',
        '9 raised scene change: hazier #2 since 6',
      ],
    ],
  ];
  for (const [what, script, alarms] of table) {
    it(what, () => expect(run(script)).toEqual(alarms));
  }

  it('is raised again after the cool-down', () => {
    const incidents = new Incidents(options);
    run('FF....', incidents);
    expect(run('FF', incidents, 60)).toEqual([]);
    expect(run('FF', incidents, 66)).toEqual(['66 raised sensor fault: frozen #2 since 60']);
  });

  it('a notice that stays harmful becomes an alarm, once, and never a notice again', () => {
    const incidents = new Incidents(options);
    const grades = [
      'notice',
      'notice',
      'alarm',
      'alarm',
      'notice',
      'alarm',
      'alarm',
      'alarm',
      'notice',
    ] as const;
    const said = grades.flatMap((grade, second) => {
      const evidence = () => ({
        signals: [],
        view: undefined,
        expectedLoss: 0.2,
        expectedLossRange: undefined,
      });
      const alarm = incidents.tick(fog, second * 1000, evidence, grade);
      return alarm === undefined ? [] : [`${second} ${alarm.phase} ${alarm.grade} ${alarm.expectedLoss}`];
    });
    expect(said).toEqual(['1 raised notice 0.2', '7 changed alarm 0.2']);
    expect(incidents.grade).toBe('alarm');
  });
});
