import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { DriftIncident, DriftStatusChange, DriftView } from '../../../../src/api/index.ts';
import { IncidentRegistry } from '../../../../src/controller/drift/incident-registry.ts';
import type { DriftIncidentRow } from '../../../../src/controller/store/rows.ts';
import type { DriftStatus, Reported } from '../../../../src/protocol/index.ts';
import { driftData, driftEvent, driftStatus, frozen, hazier } from '../../../fakes/drift-events.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';

let clock: FakeClock;
let incidents: IncidentRegistry;
let rows: Map<string, DriftIncidentRow>;
let views: [string, DriftView][];
let states: DriftStatusChange[];

function newRegistry(): IncidentRegistry {
  return new IncidentRegistry(clock, {
    incident: (row) => rows.set(row.incident.id, row),
    view: ({ id }, view) => views.push([id, view]),
    status: (_, change) => states.push(change),
  });
}

beforeEach(() => {
  clock = new FakeClock();
  rows = new Map();
  views = [];
  states = [];
  incidents = newRegistry();
});

const open = () => incidents.openRows.map((row) => row.incident);
const only = (): DriftIncident => {
  expect(rows.size).toBe(1);
  return [...rows.values()][0]!.incident;
};
const reported = (drift: Record<string, DriftStatus> | undefined): Reported => ({
  generation: 0,
  session: 1,
  timeMs: clock.wallMs(),
  slots: {},
  pipelines: {},
  ...(drift === undefined ? {} : { drift }),
});

describe('Drift incidents of the fleet', () => {
  it('begin, change and end as their device says', () => {
    const t = clock.wallMs();
    const view = { width: 2, height: 1, grey: 'AAE=' };
    incidents.applyEvents([
      driftEvent(1, 'd1', 'drift.alarm', driftData(hazier, 25, { view, frame: 'a-1' }), t),
    ]);
    expect(open()).toMatchObject([
      { device: 'd1', camera: 'front', verdict: hazier, startedMs: t - 5000, believed: false, frame: 'a-1' },
    ]);
    expect(views).toEqual([['d1.event-0001', view]]);
    incidents.applyEvents([driftEvent(2, 'd1', 'drift.changed', driftData(frozen), t + 60_000)]);
    expect(open()).toMatchObject([
      { id: 'd1.event-0001', verdict: frozen, startedMs: t - 5000, believed: true },
    ]);
    incidents.applyEvents([driftEvent(3, 'd1', 'drift.cleared', driftData(frozen), t + 120_000)]);
    expect(open()).toEqual([]);
    expect(only()).toMatchObject({ endedMs: t + 120_000, endReason: 'cleared' });
  });

  it('have the grade and the loss that their device said last', () => {
    const t = clock.wallMs();
    const say = (seq: number, kind: 'drift.alarm' | 'drift.changed', change: object) =>
      incidents.applyEvents([driftEvent(seq, 'd1', kind, driftData(hazier, 25, change), t + seq)]);
    say(1, 'drift.alarm', {});
    expect(only()).toMatchObject({ grade: 'alarm' });
    say(2, 'drift.changed', { grade: 'notice', expectedLoss: 0.04 });
    expect(only()).toMatchObject({ grade: 'notice', expectedLoss: 0.04 });
    say(3, 'drift.changed', { grade: 'alarm' });
    expect(only()).toMatchObject({ grade: 'alarm' });
    expect(only().expectedLoss).toBeUndefined();
  });

  it('are not of the future because a device is ahead of its time', () => {
    const t = clock.wallMs();
    const ahead = driftEvent(1, 'd1', 'drift.alarm', driftData(hazier, 25), t + 1e9);
    incidents.applyEvents([{ ...ahead, receivedMs: t }]);
    expect(only().startedMs).toBe(t - 5000);
  });

  it('go on when an agent that was restarted raises the same alarm, and are replaced by another', () => {
    const t = clock.wallMs();
    incidents.applyEvents([
      driftEvent(1, 'd1', 'drift.alarm', driftData(frozen, undefined, { incident: 4 }), t),
    ]);
    incidents.applyEvents([
      driftEvent(2, 'd1', 'drift.alarm', driftData(frozen, undefined, { incident: 1 }), t + 9000),
    ]);
    expect(open()).toMatchObject([{ id: 'd1.event-0001', startedMs: t - 5000 }]);
    incidents.applyEvents([driftEvent(3, 'd1', 'drift.alarm', driftData(hazier, 30), t + 20_000)]);
    expect(rows.get('d1.event-0001')?.incident).toMatchObject({ endReason: 'replaced', endedMs: t + 20_000 });
    expect(open()).toMatchObject([{ id: 'd1.event-0003', verdict: hazier }]);
  });

  it('are taken from a change or left alone at an end whose beginning never came', () => {
    const t = clock.wallMs();
    incidents.applyEvents([driftEvent(1, 'd1', 'drift.cleared', driftData(hazier), t)]);
    expect(rows.size).toBe(0);
    incidents.applyEvents([driftEvent(2, 'd1', 'drift.changed', driftData(hazier, 25), t)]);
    expect(open()).toMatchObject([{ id: 'd1.event-0002' }]);
  });

  it('end as unheard a minute after their device says that there is none', () => {
    const t = clock.wallMs();
    incidents.applyEvents([driftEvent(1, 'd1', 'drift.alarm', driftData(hazier, 25), t)]);
    incidents.applyReport('d1', reported({ front: driftStatus() }));
    clock.advance(59_000);
    incidents.endForgotten();
    expect(open()).toHaveLength(1);
    clock.advance(1_000);
    incidents.endForgotten();
    expect(only()).toMatchObject({ endReason: 'unheard', endedMs: t });
  });

  it('stay when the device names them again, or when it does not tell of drift at all', () => {
    const t = clock.wallMs();
    incidents.applyEvents([driftEvent(1, 'd1', 'drift.alarm', driftData(hazier, 25), t)]);
    incidents.applyReport('d1', reported({ front: driftStatus() }));
    clock.advance(30_000);
    const incident = { number: 1, verdict: hazier, sinceMs: t, grade: 'alarm' as const };
    incidents.applyReport('d1', reported({ front: driftStatus({ incident }) }));
    clock.advance(600_000);
    incidents.endForgotten();
    incidents.applyReport('d1', reported(undefined));
    clock.advance(600_000);
    incidents.endForgotten();
    expect(open()).toHaveLength(1);
  });

  it('gain evidence while they last, and never lose it', () => {
    const t = clock.wallMs();
    const incident = { number: 1, verdict: hazier, sinceMs: t, grade: 'alarm' as const };
    const says = (logRunLengthS: number) =>
      incidents.applyReport(
        'd1',
        reported({ front: driftStatus({ incident, signals: driftData(hazier, logRunLengthS).signals }) }),
      );
    incidents.applyEvents([driftEvent(1, 'd1', 'drift.alarm', driftData(hazier, 20), t)]);
    says(45);
    says(30);
    expect(incidents.openRows[0]?.logRunLengthS).toBe(45);
  });

  it('ignore data that is not what the protocol promises, and events without a camera', () => {
    const event = driftEvent(1, 'd1', 'drift.alarm', driftData(hazier, 25), clock.wallMs());
    const { camera: _, ...nowhere } = event;
    incidents.applyEvents([
      { ...event, data: { incident: 'one' } },
      nowhere,
      { ...event, kind: 'drift.learned' },
    ]);
    expect(rows.size).toBe(0);
  });

  it('survive a restart, with the events that came in between', () => {
    const t = clock.wallMs();
    const events = [
      driftEvent(1, 'd1', 'drift.alarm', driftData(hazier, 25), t),
      driftEvent(2, 'd2', 'drift.alarm', driftData(frozen), t),
      driftEvent(3, 'd1', 'drift.cleared', driftData(hazier), t + 1000),
    ];
    incidents.applyEvents(events.slice(0, 1));
    const kept = [...rows.values()];
    incidents = newRegistry();
    incidents.load(kept, events.slice(1), 3, []);
    expect(open().map(({ device }) => device)).toEqual(['d2']);
    expect(rows.get('d1.event-0001')?.incident.endReason).toBe('cleared');
  });

  it('listen on where the numbers of events began anew', () => {
    const t = clock.wallMs();
    incidents.applyEvents([driftEvent(900, 'd1', 'drift.alarm', driftData(hazier, 25), t)]);
    const kept = [...rows.values()];
    incidents = newRegistry();
    incidents.load(kept, [], 2, []);
    incidents.applyEvents([driftEvent(3, 'd1', 'drift.cleared', driftData(hazier), t + 1000)]);
    expect(open()).toEqual([]);
  });

  it('write down a change of state once, also over a restart', () => {
    incidents.applyReport('d1', reported({ front: driftStatus({ state: 'learning' }) }));
    incidents.applyReport('d1', reported({ front: driftStatus({ state: 'learning' }) }));
    const last = reported({ front: driftStatus() });
    incidents.applyReport('d1', last);
    expect(states.map(({ state }) => state)).toEqual(['learning', 'watching']);
    incidents = newRegistry();
    incidents.load([], [], 0, [['d1', last]]);
    incidents.applyReport('d1', last);
    expect(states).toHaveLength(2);
  });

  it('are gone with their device', () => {
    incidents.applyEvents([driftEvent(1, 'd1', 'drift.alarm', driftData(hazier, 25), clock.wallMs())]);
    incidents.forgetDevice('d1');
    expect(open()).toEqual([]);
    expect(incidents.startedSince(0)).toEqual([]);
  });

  it('are at most one per camera, each with one beginning and one end, whatever devices send', () => {
    const step = fc.record({
      device: fc.constantFrom('d1', 'd2'),
      camera: fc.constantFrom('front', 'rear'),
      kind: fc.constantFrom('drift.alarm', 'drift.changed', 'drift.cleared' as const),
      verdict: fc.constantFrom(frozen, hazier),
      waitMs: fc.nat(90_000),
      silent: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        clock = new FakeClock();
        rows = new Map();
        incidents = newRegistry();
        steps.forEach(({ device, camera, kind, verdict, waitMs, silent }, index) => {
          incidents.applyEvents([
            driftEvent(index + 1, device, kind, driftData(verdict, 25), clock.wallMs(), camera),
          ]);
          if (silent) incidents.applyReport(device, reported({ front: driftStatus(), rear: driftStatus() }));
          clock.advance(waitMs);
          incidents.endForgotten();
        });
        const lasting = open();
        expect(new Set(lasting.map((one) => `${one.device}/${one.camera}`)).size).toBe(lasting.length);
        const stored = [...rows.values()].map((row) => row.incident);
        expect(
          stored
            .filter((one) => one.endedMs === undefined)
            .map((one) => one.id)
            .sort(),
        ).toEqual(lasting.map((one) => one.id).sort());
        for (const one of stored) expect(one.endedMs ?? one.startedMs).toBeGreaterThanOrEqual(one.startedMs);
      }),
      { seed: 6 },
    );
  });
});
