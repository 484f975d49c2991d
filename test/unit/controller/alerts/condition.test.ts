import { describe, expect, it } from 'vitest';
import type { AlertCondition, DriftIncident } from '../../../../src/api/index.ts';
import {
  cohortText,
  fits,
  inScope,
  observeDrift,
  observeMetric,
  observeOffline,
  observeWrongAnswer,
} from '../../../../src/controller/alerts/condition.ts';
import { Device } from '../../../../src/controller/fleet/device.ts';
import type { Reported } from '../../../../src/protocol/index.ts';
import { frozen, hazier, incidentOf } from '../../../fakes/drift-events.ts';

type DriftCondition = Extract<AlertCondition, { kind: 'drift' }>;
type MetricCondition = Extract<AlertCondition, { kind: 'metric' }>;

const t0 = 1_790_000_000_000;

describe('The scope of a rule', () => {
  it.each([
    [{ groups: [], devices: [] }, 'd1', [], true],
    [{ groups: [], devices: ['d1'] }, 'd1', [], true],
    [{ groups: [], devices: ['d2'] }, 'd1', ['west'], false],
    [{ groups: ['west'], devices: ['d2'] }, 'd1', ['east', 'west'], true],
    [{ groups: ['west'], devices: [] }, 'd1', ['east'], false],
  ])('%j holds for %s in %j: %s', (scope, device, groups, expected) => {
    expect(inScope(scope, device, groups)).toBe(expected);
  });
});

describe('A condition on drift', () => {
  const holds = (condition: Partial<DriftCondition>, change: Parameters<typeof incidentOf>[2]) =>
    fits({ kind: 'drift', ...condition }, incidentOf('d1', t0, change));
  const west: DriftIncident['cohort'] = {
    scope: 'group',
    name: 'west',
    cameras: 4,
    alarmed: 3,
    pValue: 0.01,
    sameAs: [],
  };

  it.each<[string, Partial<DriftCondition>, Parameters<typeof incidentOf>[2], boolean]>([
    ['nothing said: alarms that are believed', {}, {}, true],
    ['nothing said: no notice', {}, { grade: 'notice' }, false],
    ['nothing said: nothing that is not believed', {}, { believed: false }, false],
    ['notices, where they are named', { grades: ['alarm', 'notice'] }, { grade: 'notice' }, true],
    ['only notices', { grades: ['notice'] }, {}, false],
    ['what is not believed, where it is asked for', { unbelieved: true }, { believed: false }, true],
    ['a verdict that is named', { verdicts: ['sensor-fault'] }, { verdict: frozen }, true],
    ['a verdict that is not named', { verdicts: ['sensor-fault'] }, { verdict: hazier }, false],
    ['no verdict named: any', { verdicts: [] }, { verdict: frozen }, true],
    ['a detail that is named', { details: ['frozen'] }, { verdict: frozen }, true],
    ['a detail that is not named', { details: ['black'] }, { verdict: frozen }, false],
    [
      'a verdict without detail has none that is named',
      { details: ['black'] },
      { verdict: { kind: 'model-regression' } },
      false,
    ],
    ['a cohort that is named', { cohorts: ['group'] }, { cohort: west }, true],
    ['a cohort that is not named', { cohorts: ['device', 'everyone'] }, { cohort: west }, false],
  ])('%s', (_, condition, change, expected) => {
    expect(holds(condition, change)).toBe(expected);
  });

  const observe = (condition: Partial<DriftCondition>, ...open: ReturnType<typeof incidentOf>[]) =>
    observeDrift({ kind: 'drift', ...condition }, open);

  it('makes a subject of every camera that is alone', () => {
    const [one, two, ...more] = observe(
      {},
      incidentOf('d1', t0),
      incidentOf('d2', t0, { expectedLoss: 0.296 }),
    );
    expect(one).toEqual({
      ...{ subject: 'd1/front', holds: true, device: 'd1', camera: 'front', incident: 'd1.front.event' },
      summary: 'd1/front: scene change: hazier',
    });
    expect(two?.summary).toBe('d2/front: scene change: hazier (about 30 % of its accuracy)');
    expect(more).toEqual([]);
  });

  it('makes one subject of a cohort, with how many of its cameras', () => {
    const shared = { cohort: west };
    const found = observe({}, ...['d1', 'd2', 'd3'].map((device) => incidentOf(device, t0, shared)));
    expect(found).toEqual([
      {
        ...{ subject: 'group:west scene-change hazier', holds: true, incident: 'd1.front.event' },
        summary: 'group west: scene change: hazier on 3 of 4 cameras',
        devices: ['d1', 'd2', 'd3'],
      },
    ]);
  });

  it('does not count a fault of another name among those of a cohort', () => {
    const black = { verdict: { kind: 'sensor-fault', detail: 'black' }, message: 'black' } as const;
    const found = observe(
      {},
      incidentOf('d1', t0, { cohort: west, verdict: frozen, message: 'frozen' }),
      incidentOf('d2', t0, { cohort: west, ...black }),
      incidentOf('d3', t0, { cohort: west, ...black }),
    );
    expect(found.map(({ summary }) => summary)).toEqual([
      'group west: frozen on 1 of 4 cameras',
      'group west: black on 2 of 4 cameras',
    ]);
  });

  it('names the device of a cohort that is one device, and nobody of the whole fleet', () => {
    const ofDevice: DriftIncident['cohort'] = { ...west, scope: 'device', name: 'd1', cameras: 2 };
    const everyone: DriftIncident['cohort'] = { ...west, scope: 'everyone', name: '' };
    const notice = { cohort: everyone, grade: 'notice' } as const;
    const found = observe(
      { grades: ['alarm', 'notice'] },
      incidentOf('d1', t0, { cohort: ofDevice }),
      incidentOf('d2', t0, notice),
    );
    expect(found[0]).toMatchObject({ subject: 'device:d1 scene-change hazier', device: 'd1' });
    expect(found[1]).toMatchObject({
      subject: 'everyone scene-change hazier',
      summary: 'the whole fleet: scene change: hazier on 1 of 4 cameras (notice)',
    });
    expect(found[1]).not.toHaveProperty('device');
  });

  it('shortens the digest of a model', () => {
    const cohort: DriftIncident['cohort'] = {
      ...{ ...west, scope: 'model', name: `sha256:${'ab'.repeat(32)}` },
    };
    expect(cohortText(incidentOf('d1', t0, { cohort }))).toBe('model abababababab');
  });
});

describe('A condition on a device', () => {
  const device = (change: Partial<Device> = {}) => Object.assign(new Device('d1'), { born: true, ...change });
  const answer = (right: boolean, agreement = 1) => ({
    ...{ state: 'watching' as const, signals: [] },
    knownAnswer: { right, agreement, wanted: 0.9, atMs: t0, frame: '1' },
  });
  const reported = (drift: object) => ({ drift }) as unknown as Reported;

  it.each([
    ['is online', {}, true, false, ''],
    ['went away', { born: false }, true, true, 'd1 is offline'],
    [
      'went away and said why',
      { born: false, offlineReason: 'shutdown' },
      true,
      true,
      'd1 is offline (shutdown)',
    ],
    ['fell silent', { silent: true }, true, true, 'd1 is offline'],
    ['went away while the controller hears nobody', { born: false }, false, undefined, ''],
  ])('knows whether it %s', (_, change, known, holds, summary) => {
    expect(observeOffline(device(change), known)).toEqual({ subject: 'd1', device: 'd1', holds, summary });
  });

  it('holds where one camera answered wrong last, and not where nobody was asked or the device is away', () => {
    const of = (drift: object, change: Partial<Device> = {}) =>
      observeWrongAnswer(device({ reported: reported(drift), ...change }));
    expect(of({ front: answer(true), rear: answer(false, 0.4) })).toMatchObject({
      holds: true,
      summary: 'd1 answers a known frame wrong: 40 % of what is known came out',
    });
    expect(of({ front: answer(true) }).holds).toBe(false);
    expect(of({ front: { state: 'watching', signals: [] } }).holds).toBeUndefined();
    expect(of({ front: answer(false) }, { silent: true }).holds).toBeUndefined();
    expect(observeWrongAnswer(device()).holds).toBeUndefined();
  });
});

describe('A condition on a metric', () => {
  const fps: MetricCondition = { kind: 'metric', name: 'fps', below: 10 };
  const labels = { camera: 'front', model: 'street', version: '1' };
  const measured = (
    ...values: [labels: Record<string, string>, value: number, timeMs?: number, heardMs?: number][]
  ) => {
    const device = Object.assign(new Device('d1'), { born: true });
    for (const [id, [own, value, timeMs = t0, heardMs = 0]] of values.entries())
      device.observe({ id, name: 'fps', labels: own, unit: '1', kind: 'gauge' }, timeMs, value, heardMs);
    return device;
  };

  it('holds beyond its bounds, and at none of them', () => {
    const holds = (condition: Partial<MetricCondition>, value: number) =>
      observeMetric(
        { ...fps, below: undefined, ...condition } as MetricCondition,
        measured([labels, value]),
        0,
      )[0]?.holds;
    expect(holds({ below: 10 }, 9.9)).toBe(true);
    expect(holds({ below: 10 }, 10)).toBe(false);
    expect(holds({ above: 80 }, 80)).toBe(false);
    expect(holds({ above: 80 }, 80.1)).toBe(true);
    expect(holds({ above: 80, below: 10 }, 50)).toBe(false);
    expect(holds({ above: 80, below: 10 }, 5)).toBe(true);
  });

  it('says in words what it found', () => {
    expect(observeMetric(fps, measured([labels, 4.98765]), 0)).toEqual([
      {
        ...{ subject: 'd1/front', device: 'd1', camera: 'front', holds: true, value: 4.98765 },
        summary: 'd1/front: fps is 4.988, below 10',
      },
    ]);
    expect(observeMetric({ ...fps, below: 2 }, measured([labels, 5]), 0)[0]?.summary).toBe('');
  });

  it('looks at series of its name and its labels alone, and has a subject for every other label', () => {
    const zones = measured(
      [{ zone: 'gpu' }, 1],
      [{ zone: 'cpu' }, 2],
      [{ zone: 'cpu', camera: 'front' }, 3],
      [{ camera: 'rear' }, 4],
    );
    const subjects = (condition: Partial<MetricCondition>) =>
      observeMetric({ ...fps, ...condition }, zones, 0).map(({ subject }) => subject);
    expect(subjects({})).toEqual(['d1 zone=gpu', 'd1 zone=cpu', 'd1/front zone=cpu', 'd1/rear']);
    expect(subjects({ labels: { zone: 'cpu' } })).toEqual(['d1', 'd1/front']);
    expect(subjects({ name: 'other' })).toEqual([]);
  });

  it('takes the newest of several models, whichever came first', () => {
    const old = { ...labels, version: '0' };
    expect(observeMetric(fps, measured([old, 1, t0], [labels, 20, t0 + 1]), 0)).toMatchObject([
      { value: 20 },
    ]);
    expect(observeMetric(fps, measured([labels, 20, t0 + 1], [old, 1, t0]), 0)).toMatchObject([
      { value: 20 },
    ]);
  });

  it('is unknown for old values and for devices that are offline', () => {
    const device = measured([labels, 1]);
    expect(observeMetric(fps, device, 660_000)[0]?.holds).toBe(true);
    expect(observeMetric(fps, device, 660_001)[0]?.holds).toBeUndefined();
    device.silent = true;
    expect(observeMetric(fps, device, 0)[0]?.holds).toBeUndefined();
  });

  it('reads a quantile of a histogram, of the last minute', () => {
    const device = Object.assign(new Device('d1'), { born: true });
    const series = { id: 1, name: 'latency', labels, unit: 'seconds', kind: 'histogram' as const };
    device.observe(
      series,
      t0,
      {
        buckets: [
          [-40, 98],
          [0, 2],
        ],
        zeros: 0,
        sum: 1,
      },
      0,
    );
    const of = (statistic: MetricCondition['statistic'], nowMs = 0) =>
      observeMetric(
        { kind: 'metric', name: 'latency', above: 0.5, ...(statistic && { statistic }) },
        device,
        nowMs,
      );
    expect(of('p99')[0]?.holds).toBe(true);
    expect(of('p50')[0]?.holds).toBe(false);
    expect(of(undefined)[0]?.value).toBe(of('p50')[0]?.value);
    expect(of('p99', 90_001)[0]?.holds).toBeUndefined();
  });
});
