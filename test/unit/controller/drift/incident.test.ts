import { describe, expect, it } from 'vitest';
import {
  changedIncident,
  familyOf,
  newIncident,
  sameVerdict,
  strongest,
  timeOf,
} from '../../../../src/controller/drift/incident.ts';
import { driftData, driftEvent, frozen, hazier, regression } from '../../../fakes/drift-events.ts';

const t0 = 1_790_000_000_000;
const alarm = (data = driftData(hazier), timeMs = t0) => driftEvent(7, 'd1', 'drift.alarm', data, timeMs);
const signal = (logRunLengthS?: number) => ({
  ...{
    name: 'contrast',
    value: 0.1,
    deviations: -9,
    ...(logRunLengthS === undefined ? {} : { logRunLengthS }),
  },
});

describe('What a verdict says', () => {
  it.each([
    [frozen, 'sensor'],
    [hazier, 'scene'],
    [regression, 'output'],
    [{ kind: 'label-shift' as const }, 'output'],
  ])('%j is of the family %s', (verdict, family) => {
    expect(familyOf(verdict)).toBe(family);
  });

  it('is the same with the same detail alone', () => {
    expect(sameVerdict(frozen, { ...frozen })).toBe(true);
    expect(sameVerdict(frozen, { kind: 'sensor-fault', detail: 'black' })).toBe(false);
    expect(sameVerdict(regression, { kind: 'model-regression' })).toBe(true);
    expect(sameVerdict(frozen, { kind: 'sensor-fault' })).toBe(false);
  });
});

describe('The surest signal', () => {
  it('is the one with the longest run; a rule has none', () => {
    expect(strongest([signal(3), signal(12), signal()])).toBe(12);
    expect(strongest([signal()])).toBeUndefined();
    expect(strongest([])).toBeUndefined();
  });
});

describe('An incident', () => {
  it('began with its first sign, on the clock of the device or before it was heard of', () => {
    const { incident, seq, heardMs } = newIncident(alarm(), 'front', driftData(hazier));
    expect(incident).toMatchObject({
      ...{ id: 'd1.event-0007', device: 'd1', camera: 'front', verdict: hazier, grade: 'alarm' },
      ...{ startedMs: t0 - 5000, changedMs: t0, cohort: { scope: 'camera', name: 'd1/front', cameras: 1 } },
    });
    expect([seq, heardMs]).toEqual([7, t0]);
    const ahead = { ...alarm(), timeMs: t0 + 3_600_000, receivedMs: t0 };
    expect(timeOf(ahead)).toBe(t0);
    expect(newIncident(ahead, 'front', driftData(hazier)).incident.changedMs).toBe(t0);
  });

  it('never began before 1970', () => {
    const early = { ...alarm(), timeMs: 1000 };
    const data = driftData(hazier, undefined, { secondsSinceFirstSign: 3600 });
    expect(newIncident(early, 'front', data).incident.startedMs).toBe(0);
  });

  it('is believed at once where a rule speaks, and not where a statistic does', () => {
    const of = (logRunLengthS?: number) => newIncident(alarm(), 'front', driftData(hazier, logRunLengthS));
    expect(of().incident.believed).toBe(true);
    expect(of()).not.toHaveProperty('logRunLengthS');
    expect(of(14)).toMatchObject({ incident: { believed: false }, logRunLengthS: 14 });
  });

  it('that changed is the same one: its id, its beginning, its cohort and whether it is believed stay', () => {
    const cohort = {
      scope: 'group' as const,
      name: 'west',
      cameras: 4,
      alarmed: 3,
      pValue: 0.01,
      sameAs: [],
    };
    const before = newIncident(alarm(), 'front', driftData(hazier, 14));
    const row = { ...before, incident: { ...before.incident, believed: true, cohort, expectedLoss: 0.2 } };
    const later = driftEvent(9, 'd1', 'drift.changed', driftData(frozen, 3), t0 + 60_000);
    const changed = changedIncident(row, later, driftData(frozen, 3, { incident: 2 }));
    expect(changed).toMatchObject({
      ...{ number: 2, seq: 9, heardMs: t0, logRunLengthS: 14 },
      incident: {
        ...{ id: 'd1.event-0007', startedMs: t0 - 5000, changedMs: t0 + 60_000 },
        ...{ verdict: frozen, believed: true, cohort },
      },
    });
    // It says no more what it costs.
    expect(changed.incident).not.toHaveProperty('expectedLoss');
  });

  it('keeps the first and latest earlier verdict, and none if only signals changed', () => {
    let row = newIncident(alarm(), 'front', driftData(hazier, 14));
    row = changedIncident(row, alarm(driftData(hazier, 9), t0 + 1), driftData(hazier, 9));
    expect(row.incident).not.toHaveProperty('earlier');
    for (let i = 2; i <= 20; i++) {
      const data = driftData(i % 2 === 0 ? frozen : hazier, 3);
      row = changedIncident(row, alarm(data, t0 + i), data);
    }
    expect(row.incident.earlier?.map(({ timeMs }) => timeMs - t0)).toEqual([
      -5000, 13, 14, 15, 16, 17, 18, 19,
    ]);
    expect(row.incident.earlier?.[0]).toMatchObject({ verdict: hazier, grade: row.incident.grade });
    expect(row.incident).toMatchObject({ verdict: frozen, changedMs: t0 + 20 });
  });

  it('that a rule confirms is believed from then on', () => {
    const row = newIncident(alarm(), 'front', driftData(hazier, 14));
    const changed = changedIncident(row, alarm(driftData(frozen), t0 + 1), driftData(frozen));
    expect(changed).toMatchObject({ incident: { believed: true }, logRunLengthS: 14 });
  });
});
