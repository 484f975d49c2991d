import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DriftEventData, type DriftStatus, driftEventKinds } from '../../../../src/protocol/index.ts';
import { admin, slot, TestFleet } from '../../../fakes/test-fleet.ts';

let fleet: TestFleet;
beforeAll(async () => {
  fleet = await TestFleet.open();
  const { alerts } = fleet.controller;
  await alerts.createRule(admin, { name: 'any', when: { kind: 'drift', unbelieved: true }, forSeconds: 0 });
  await alerts.createRule(admin, { name: 'away', when: { kind: 'offline' }, forSeconds: 0 });
  await alerts.createRule(admin, { name: 'wrong', when: { kind: 'wrong-answer' }, forSeconds: 0 });
});
afterAll(() => fleet.stop());

const number = fc.double({ noNaN: true, noDefaultInfinity: true });
const verdict = fc.record(
  {
    kind: fc.constantFrom('sensor-fault', 'scene-change', 'label-shift', 'model-regression' as const),
    detail: fc.string({ maxLength: 64 }),
  },
  { requiredKeys: ['kind'] },
);
const signal = fc.record(
  {
    name: fc.string({ maxLength: 64 }),
    value: number,
    deviations: number,
    usual: number,
    logRunLengthS: number,
  },
  { requiredKeys: ['name', 'value', 'deviations'] },
);
const grade = fc.constantFrom('notice' as const, 'alarm' as const);
const data: fc.Arbitrary<DriftEventData> = fc.record({
  incident: fc.nat(),
  verdict,
  grade,
  secondsSinceFirstSign: fc.double({ min: 0, max: 1e12, noNaN: true }),
  signals: fc.array(signal, { maxLength: 8 }),
});
const status: fc.Arbitrary<DriftStatus> = fc.record(
  {
    state: fc.constantFrom('off', 'sensor-only', 'learning', 'watching' as const),
    watched: fc.constant([]),
    signals: fc.array(signal, { maxLength: 4 }),
    incident: fc.record({ number: fc.nat(), verdict, sinceMs: fc.nat(), grade }),
    knownAnswer: fc.record({
      timeMs: fc.nat(),
      right: fc.boolean(),
      agreement: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
  },
  { requiredKeys: ['state', 'watched', 'signals'] },
);
const device = fc.constantFrom('d1', 'd2', 'd3');
const camera = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('front', 'rear') },
  { weight: 1, arbitrary: fc.string({ minLength: 1, maxLength: 20 }) },
);
const birth = fc.record({ do: fc.constant('birth' as const), device });
const event = fc.record({
  do: fc.constant('event' as const),
  device,
  camera,
  kind: fc.constantFrom(...driftEventKinds),
  data: fc.oneof(
    { weight: 4, arbitrary: data },
    {
      weight: 1,
      arbitrary: fc.dictionary(fc.string({ maxLength: 20 }), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 5 }),
    },
  ),
  timeMs: fc.oneof(fc.nat(), fc.integer({ min: 1_789_000_000_000, max: 1_791_000_000_000 })),
});
const report = fc.record({
  do: fc.constant('report' as const),
  device,
  drift: fc.dictionary(camera, status, { maxKeys: 3 }),
  days: fc.double({ min: 0.1, max: 3650, noNaN: true }),
});
const wait = fc.record({ do: fc.constant('wait' as const), ms: fc.nat(200_000) });
const restart = fc.record({ do: fc.constant('restart' as const) });
const step = fc.oneof(
  { weight: 2, arbitrary: birth },
  { weight: 8, arbitrary: event },
  { weight: 4, arbitrary: report },
  { weight: 3, arbitrary: wait },
  { weight: 1, arbitrary: restart },
);

test('whatever devices say of drift, in any order: the controller lives on, and what it knows is what its database knows', async () => {
  let count = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 20 }), async (steps) => {
      for (const one of steps) {
        count += 1;
        if (one.do === 'birth') await fleet.birth(one.device, { session: count });
        else if (one.do === 'wait') await fleet.clock.pass(one.ms);
        else if (one.do === 'restart') await fleet.restart();
        else if (one.do === 'report')
          await fleet.reported(one.device, {
            drift: one.drift,
            pipelines: { '*': { drift: { falseAlarmDays: one.days } } },
            slots: { main: slot() },
          });
        else
          await fleet.event(one.device, {
            ...{ id: `fuzz-${String(count).padStart(8, '0')}`, kind: one.kind, camera: one.camera },
            ...{ timeMs: one.timeMs, data: { ...one.data } as Record<string, unknown> },
          });
      }
      await fleet.clock.pass(2_000);
      const { drift, alerts } = fleet.controller;
      const stored = [...fleet.store.incidentRows.values()].map((row) => row.incident);
      expect(stored.filter((incident) => incident.endedMs === undefined)).toEqual(
        expect.arrayContaining([...drift.openIncidents]),
      );
      expect(drift.openIncidents).toHaveLength(stored.filter(({ endedMs }) => endedMs === undefined).length);
      for (const { pValue = 0, cohort, startedMs, endedMs = startedMs } of stored) {
        expect(pValue).toBeGreaterThanOrEqual(0);
        expect(pValue).toBeLessThanOrEqual(1);
        expect(cohort.alarmed).toBeLessThanOrEqual(cohort.cameras);
        expect(endedMs).toBeGreaterThanOrEqual(startedMs);
      }
      const firing = [...fleet.store.alertRows.values()].filter(({ state }) => state === 'firing');
      expect(firing.map(({ id }) => id).sort()).toEqual(alerts.firing.map(({ id }) => id).sort());
      expect(new Set(firing.map(({ rule, subject }) => `${rule} ${subject}`)).size).toBe(firing.length);
      expect(() => drift.listCameras({})).not.toThrow();
    }),
    { seed: 6, numRuns: 60 },
  );
  // The steps must have led somewhere; what is long over the retention has taken meanwhile.
  const written = fleet.store.commits.flatMap(({ changes = [] }) => changes.map(({ kind }) => kind));
  for (const kind of ['drift-incident', 'alert', 'drift-status'] as const)
    expect(written.filter((one) => one === kind).length).toBeGreaterThan(50);
});
