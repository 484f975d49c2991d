import { describe, expect, it } from 'vitest';
import {
  backgroundOf,
  defaultEvaluationOptions,
  evaluateIncidents,
} from '../../../../src/controller/drift/cohort-evaluation.ts';
import { type MonitoredCamera, MonitoredFleet } from '../../../../src/controller/drift/monitored-fleet.ts';
import { channels } from '../../../../src/drift/index.ts';
import { seededRandom } from '../../../../src/drift/random.ts';
import { frozen, incidentOf, incidentRow, regression } from '../../../fakes/drift-events.ts';

const nowMs = 1_790_000_000_000;
const minute = 60_000;
const day = 86_400_000;

function camera(device: string, change: Partial<MonitoredCamera> = {}): MonitoredCamera {
  return {
    device,
    camera: 'front',
    groups: [device.split('-')[0] ?? ''],
    model: 'sha256:a',
    judged: true,
    falseAlarmDays: 30,
    ...change,
  };
}

const site = (name: string, count: number, change: Partial<MonitoredCamera> = {}) =>
  Array.from({ length: count }, (_, i) => camera(`${name}-${i}`, change));

/** Evidence of an alarm that just reached the threshold of a camera with a false alarm in 30 days. */
const barely = Math.log(30 * 86_400) + Math.log(channels.length);

const judge = (rows: ReturnType<typeof incidentRow>[], cameras: readonly MonitoredCamera[], at = nowMs) =>
  evaluateIncidents(
    rows,
    rows.map((row) => row.incident),
    new MonitoredFleet(cameras),
    at,
    defaultEvaluationOptions,
  ).map(({ incident }) => incident);

describe('The judge of the fleet', () => {
  it('believes a borderline alarm of one camera, and not the same alarm of one among a thousand', () => {
    const row = incidentRow(incidentOf('a-0', nowMs - minute, { believed: false }), barely);
    expect(judge([row], [camera('a-0')])).toMatchObject([{ believed: true }]);
    const [doubted] = judge([row], site('a', 1000));
    expect(doubted).toMatchObject({ believed: false });
    expect(doubted?.pValue).toBeCloseTo(1 - Math.exp(-1 / 30), 3);
  });

  it('believes strong evidence in any fleet, and once believed it stays', () => {
    const row = incidentRow(incidentOf('a-0', nowMs - minute, { believed: false }), 60);
    const cameras = site('a', 1000);
    const [believed] = judge([row], cameras);
    expect(believed?.believed).toBe(true);
    const weaker = incidentRow(believed!, barely);
    expect(judge([weaker], cameras).every((one) => one.believed)).toBe(true);
  });

  it('never tests a rule: a frozen picture is believed and makes no room for others', () => {
    const rules = Array.from({ length: 50 }, (_, i) =>
      incidentRow(incidentOf(`a-${i}`, nowMs - i * 2 * day, { verdict: frozen, believed: true })),
    );
    const borderline = incidentRow(incidentOf('a-99', nowMs - minute, { believed: false }), barely);
    const found = judge([...rules, borderline], site('a', 100));
    expect(found.find((one) => one.device === 'a-99')?.believed).toBe(false);
    expect(found.filter((one) => one.pValue !== undefined)).toHaveLength(1);
  });

  it('gives the same answer as before only once', () => {
    const rows = [incidentRow(incidentOf('a-0', nowMs - minute, { believed: false }), 60)];
    const cameras = site('a', 10);
    const [incident] = judge(rows, cameras);
    expect(judge([incidentRow(incident!, 60)], cameras)).toEqual([]);
  });

  it('says that a site shares an alarm, and that another kind of alarm there is not part of it', () => {
    const cameras = [...site('a', 6), ...site('b', 20)];
    const rows = [0, 1, 2, 3, 4].map((i) => incidentRow(incidentOf(`a-${i}`, nowMs - i * minute), 60));
    const other = incidentRow(incidentOf('a-5', nowMs, { verdict: frozen }));
    const found = judge([...rows, other], cameras);
    expect(found).toHaveLength(5);
    expect(found.every(({ cohort }) => cohort.scope === 'group' && cohort.name === 'a')).toBe(true);
    expect(found[0]?.cohort).toMatchObject({ cameras: 6, alarmed: 5 });
  });

  it('says that it is the model when every camera that runs it says model regression', () => {
    const cameras = ['a', 'b', 'c'].flatMap((name) => [
      ...site(name, 2, { model: 'sha256:new' }),
      ...site(`${name}${name}`, 8, { groups: [name] }),
    ]);
    const rows = cameras
      .filter((one) => one.model === 'sha256:new')
      .map(({ device }) => incidentRow(incidentOf(device, nowMs, { verdict: regression }), 60));
    for (const { cohort } of judge(rows, cameras))
      expect(cohort).toMatchObject({ scope: 'model', name: 'sha256:new', alarmed: 6 });
  });

  it('does not join alarms that are hours apart', () => {
    const rows = [0, 1, 2, 3].map((i) =>
      incidentRow(incidentOf(`a-${i}`, nowMs - i * 120 * minute), 60, nowMs),
    );
    const found = judge(rows, [...site('a', 4), ...site('b', 20)]);
    expect(found.every(({ cohort }) => cohort.scope === 'camera')).toBe(true);
  });

  const minutesAgo = (minutes: number) => nowMs - minutes * minute;
  const fault = (detail: string) => ({ verdict: { kind: 'sensor-fault' as const, detail } });
  /** Of seven cameras of one site: when each fault began and ended, in minutes before now. */
  it.each<[string, readonly (readonly [detail: string, began: number, ended?: number])[], string, number]>([
    ['one is frozen', [['frozen', 1]], 'camera', 1],
    [
      'one is frozen, and four went black at the same time',
      [
        ['frozen', 1],
        ['black', 1],
        ['black', 1],
        ['black', 2],
        ['black', 2],
      ],
      'camera',
      1,
    ],
    [
      'one is frozen, and four were for a moment before it',
      [
        ['frozen', 1],
        ['frozen', 9, 8],
        ['frozen', 9, 8],
        ['frozen', 9, 8],
        ['frozen', 9, 8],
      ],
      'camera',
      1,
    ],
    [
      'one is still frozen after four that froze with it came back',
      [
        ['frozen', 9],
        ['frozen', 9, 2],
        ['frozen', 9, 2],
        ['frozen', 9, 2],
        ['frozen', 9, 2],
      ],
      'camera',
      1,
    ],
    [
      'five froze together',
      [
        ['frozen', 1],
        ['frozen', 3],
        ['frozen', 3],
        ['frozen', 9],
        ['frozen', 9],
      ],
      'everyone',
      5,
    ],
    [
      'five froze, and the first of them longer before it than one cause reaches',
      [
        ['frozen', 1],
        ['frozen', 29],
        ['frozen', 29],
        ['frozen', 29],
        ['frozen', 35],
      ],
      'everyone',
      4,
    ],
  ])('counts of a frozen camera what is open with the same name: %s', (_, faults, scope, alarmed) => {
    const incidents = faults.map(([detail, began, ended], i) =>
      incidentOf(`a-${i}`, minutesAgo(began), {
        ...fault(detail),
        ...(ended === undefined ? {} : { endedMs: minutesAgo(ended) }),
      }),
    );
    const rows = incidents.filter(({ endedMs }) => endedMs === undefined).map((one) => incidentRow(one));
    const found = evaluateIncidents(
      ...([rows, incidents, new MonitoredFleet(site('a', 7)), nowMs, defaultEvaluationOptions] as const),
    );
    const [own] = found.filter(({ incident }) => incident.device === 'a-0');
    expect((own?.incident ?? incidents[0]!).cohort).toMatchObject({ scope, alarmed });
  });

  it('tells a straggler alone when those that shared its alarm are well again, hours later', () => {
    const began = nowMs - 5 * 60 * minute;
    const cohort = { ...incidentOf('a-0', began).cohort, scope: 'group' as const, name: 'a', alarmed: 5 };
    const row = incidentRow(incidentOf('a-0', began, { ...fault('frozen'), cohort }));
    expect(judge([row], site('a', 7))).toMatchObject([{ cohort: { scope: 'camera', alarmed: 1 } }]);
  });

  it('looks at an incident that it heard of late, as long as at one of now', () => {
    const rows = [0, 1, 2, 3].map((i) => incidentRow(incidentOf(`a-${i}`, nowMs - day), 60, nowMs));
    const found = judge(rows, [...site('a', 4), ...site('b', 20)]);
    expect(found.every(({ cohort }) => cohort.scope === 'group')).toBe(true);
  });

  it('gives every incident of a wave its turn', () => {
    const cameras = site('a', 4000);
    const rows = cameras.slice(0, 100).map(({ device }) => incidentRow(incidentOf(device, nowMs), 60, nowMs));
    const seen = new Set<string>();
    // Marked, so that an incident that was due shows as changed.
    const cohort = { ...rows[0]!.incident.cohort, alarmed: 99 };
    const marked = rows.map((row) => ({ ...row, incident: { ...row.incident, cohort } }));
    for (let second = 0; second < 20; second++)
      for (const { cohort: found, device } of judge(marked, cameras, nowMs + second * 1000))
        if (found.alarmed !== 99) seen.add(device);
    expect(seen.size).toBe(100);
  });

  it('knows how often healthy cameras alarm: as set, or as seen where that is more', () => {
    const fleet = new MonitoredFleet(site('a', 10));
    expect(backgroundOf(fleet, 0)).toBeCloseTo(1 - Math.exp(-1 / 720), 10);
    expect(backgroundOf(fleet, 70)).toBeCloseTo(1 - Math.exp(-1 / 24), 10);
    expect(backgroundOf(new MonitoredFleet([]), 0)).toBe(1);
  });

  it('holds down false discoveries of a healthy fleet, day after day', () => {
    const random = seededRandom(31);
    const cameras = site('a', 300);
    let days = 0;
    let alarms = 0;
    let wrong = 0;
    for (; days < 300; days++) {
      const rows = cameras.flatMap(({ device }) => {
        // The strongest excursion of a healthy camera's day, by the model that set its threshold.
        const log = Math.log(86_400 * channels.length) - Math.log(-Math.log(1 - random.next()));
        return log < barely
          ? []
          : [incidentRow(incidentOf(device, nowMs - minute, { believed: false }), log)];
      });
      alarms += rows.length;
      if (judge(rows, cameras).some((one) => one.believed)) wrong += 1;
    }
    // Ten false alarms a day without control; with it a day with any in ten.
    expect(alarms / days).toBeGreaterThan(8);
    expect(wrong / days).toBeLessThan(0.1 + 3 * Math.sqrt(0.09 / days));
  });
});
