import { Value } from '@sinclair/typebox/value';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AlertRule, AlertRuleDraft, conditionWords, type MetricSeries } from '../../../src/api/index.ts';
import { strongestSignals } from '../../../src/dashboard/device/metrics.ts';
import {
  chanceWords,
  cohortAdvice,
  cohortWords,
  earlierWords,
  gradeWords,
  signalWords,
  stateWords,
  verdictTone,
} from '../../../src/dashboard/drift/words.ts';
import {
  draftOf,
  emptyFields,
  fieldsOf,
  type RuleFields,
} from '../../../src/dashboard/settings/rule-draft.ts';

const cohort = { scope: 'group', name: 'west', cameras: 6, alarmed: 5, pValue: 1e-9, sameAs: [] } as const;

describe('Drift in words', () => {
  it('names a cohort with what cannot be told apart from it', () => {
    expect(cohortWords({ ...cohort, sameAs: [] })).toBe('Group west');
    const model = { scope: 'model', name: `sha256:${'ab'.repeat(32)}` } as const;
    expect(cohortWords({ ...cohort, scope: 'everyone', name: '', sameAs: [model] })).toBe(
      'The whole fleet or model abababababab',
    );
    expect(cohortAdvice({ ...cohort, sameAs: [model] })).toContain('model first');
    expect(cohortAdvice({ ...cohort, sameAs: [] })).toContain('site first');
  });

  it('says a chance so that a person can read it', () => {
    expect([0.033, 0.5, 0.002, 3.1e-8, 1e-12, 0].map(chanceWords)).toEqual([
      '3.3 %',
      '50 %',
      '1 in 500',
      '1 in 32\u202f000\u202f000',
      'less than 1 in a billion',
      'less than 1 in a billion',
    ]);
  });

  it('says a grade and what is expected to be lost', () => {
    const words = (grade: 'notice' | 'alarm', expectedLoss?: number, signals: [] | [never] = []) => {
      const { word, loss, why } = gradeWords({
        ...{ grade, signals },
        ...(expectedLoss === undefined ? {} : { expectedLoss }),
      });
      return [word, loss, why.includes('sensor rule')];
    };
    expect(words('alarm', 0.234)).toEqual(['Alarm', 'about 23 % lost', false]);
    expect(words('notice', 0)).toEqual(['Notice', 'about 0 % lost', false]);
    expect(words('notice')).toEqual(['Notice', undefined, false]);
    expect(words('alarm')).toEqual(['Alarm', undefined, true]);
    expect(verdictTone({ severity: 'error', grade: 'notice' })).toBe('accent');
    expect(cohortAdvice({ ...cohort, sameAs: [] }, 0)).toContain('No harm is expected');
  });

  it('says what an incident was called before, each name once in a row', () => {
    const was = (message: string) => ({
      ...{ timeMs: 1, verdict: { kind: 'label-shift' as const }, grade: 'notice' as const, message },
    });
    expect(earlierWords({ message: 'dirty' })).toBeUndefined();
    expect(earlierWords({ message: 'dirty', earlier: [was('dirty')] })).toBeUndefined();
    const earlier = [was('dirty'), was('dirty'), was('hazier')];
    expect(earlierWords({ message: 'covered', earlier })).toBe('first dirty, then hazier');
  });

  it('says a state and a signal', () => {
    expect(stateWords(undefined).word).toBe('Not reported');
    expect(stateWords('learning', 0.418).word).toBe('Learning 42 %');
    expect(stateWords('sensor-only', undefined, ['sensor']).word).toBe('Sensor only');
    expect(stateWords('sensor-only', undefined, ['sensor', 'scene']).word).toBe('Sensor and scene only');
    expect(stateWords('watching', undefined, ['sensor', 'scene', 'model']).word).toBe('Watching');
    expect(signalWords('log_sharpness')).toBe('Sharpness');
    expect(signalWords('class_misfit')).toBe('Class misfit');
  });

  it('draws the signals that went farthest, to either side', () => {
    const series = (signal: string, least: number, most: number): MetricSeries => ({
      ...{ name: 'x', labels: { signal }, unit: '1', kind: 'gauge', timeMs: [1], count: [1] },
      ...{ min: [least], max: [most, null] },
    });
    const chosen = strongestSignals([series('a', -1, 2), series('b', -9, 0), series('c', 0, 5)], 2);
    expect(chosen.map(({ labels }) => labels.signal)).toEqual(['b', 'c']);
  });
});

describe('The form of a rule', () => {
  const read = (change: Partial<RuleFields>) => draftOf({ ...emptyFields, name: 'n', ...change });

  it.each([
    [{ name: ' ' }, 'name'],
    [{ forSeconds: '' }, 'seconds'],
    [{ forSeconds: '-1' }, 'seconds'],
    [{ renotifyMinutes: 'x' }, 'minutes'],
    [{ to: 'hooks.example' }, 'https://'],
    [{ to: 'https://h/x', secret: 'short' }, '16'],
    [{ kind: 'metric', bound: '' }, 'metric'],
  ] as const)('says what is missing: %j', (change, words) => {
    expect(read(change as Partial<RuleFields>)).toMatchObject({ missing: expect.stringContaining(words) });
  });

  it('leads back to the rule that it was filled from, whatever the form cannot show', () => {
    const verdict = fc.constantFrom(
      'sensor-fault',
      'scene-change',
      'label-shift',
      'model-regression' as const,
    );
    const name = fc.stringMatching(/^[a-z]{1,8}$/);
    const when = fc.oneof(
      fc.constantFrom({ kind: 'offline' as const }, { kind: 'wrong-answer' as const }),
      fc.record(
        {
          kind: fc.constant('drift' as const),
          verdicts: fc.uniqueArray(verdict, { minLength: 1 }),
          details: fc.array(name, { minLength: 1, maxLength: 2 }),
          grades: fc.uniqueArray(fc.constantFrom('notice' as const, 'alarm' as const), { minLength: 1 }),
          unbelieved: fc.constant(true),
        },
        { requiredKeys: ['kind'] },
      ),
      fc.record({ kind: fc.constant('metric' as const), name, above: fc.integer() }),
      fc.record({
        kind: fc.constant('metric' as const),
        name,
        labels: fc.constant({ camera: 'front' }),
        statistic: fc.constant('p99' as const),
        below: fc.integer(),
      }),
    );
    const rule = fc.record({
      id: name,
      name,
      enabled: fc.boolean(),
      when,
      forSeconds: fc.nat(1000),
      scope: fc.record({ groups: fc.array(name), devices: fc.array(name) }),
      severity: fc.constantFrom('info', 'warning', 'error', 'critical' as const),
      renotifyMinutes: fc.nat(1000),
      createdMs: fc.nat(),
      changedMs: fc.nat(),
    });
    fc.assert(
      fc.property(rule, (one) => {
        const before = one as AlertRule;
        const result = draftOf(fieldsOf(before), before);
        const { id: _id, createdMs: _created, changedMs: _changed, ...rest } = before;
        expect(result).toEqual({ draft: rest });
        if ('draft' in result) expect(Value.Check(AlertRuleDraft, result.draft)).toBe(true);
      }),
      { seed: 6 },
    );
  });

  it('says a condition', () => {
    expect(conditionWords({ kind: 'drift' })).toBe('any drift');
    expect(
      conditionWords({ kind: 'drift', verdicts: ['sensor-fault'], details: ['frozen'], unbelieved: true }),
    ).toBe('sensor fault (frozen), believed or not');
    expect(conditionWords({ kind: 'drift', grades: ['alarm'] })).toBe('any drift');
    expect(conditionWords({ kind: 'drift', grades: ['alarm', 'notice'] })).toBe('any drift, notices too');
    expect(conditionWords({ kind: 'drift', grades: ['notice'] })).toBe('any drift, notices only');
    expect(conditionWords({ kind: 'metric', name: 'x', statistic: 'p99', above: 0.05 })).toBe(
      'x p99 above 0.05',
    );
    expect(conditionWords({ kind: 'metric', name: 'x_total', rate: { per: 'minute' }, below: 1 })).toBe(
      'x_total per minute over 300 s below 1',
    );
    expect(conditionWords({ kind: 'health' })).toBe('any trouble');
    expect(conditionWords({ kind: 'health', problems: ['blind', 'disk-low'] })).toBe(
      'camera blind or disk low',
    );
    expect(conditionWords({ kind: 'event', event: 'device.offline', severity: 'warning' })).toBe(
      'event device.offline, warning and above',
    );
  });
});
