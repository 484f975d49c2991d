import { describe, expect, it } from 'vitest';
import type { Alert, DeviceSummary, FleetEvent, MetricSeries } from '../../../src/api/index.ts';
import { LaneQueue } from '../../../src/dashboard/api/lane-queue.ts';
import { classLines } from '../../../src/dashboard/cameras/detections.ts';
import { wallCameras } from '../../../src/dashboard/cameras/wall.ts';
import { groupAlerts } from '../../../src/dashboard/now/alert-groups.ts';
import { changesSince } from '../../../src/dashboard/now/changes.ts';

const nowMs = 1_000_000;
const alert = (rule: string, id: string, change: Partial<Alert> = {}): Alert => ({
  ...{ id, rule, ruleName: rule, severity: 'warning', state: 'firing', subject: id, summary: id },
  ...{ sinceMs: 500, firedMs: 600, notified: 0 },
  ...change,
});
const silentUntil = (untilMs: number) => ({ silence: { untilMs, by: 'ann' } });

describe('groupAlerts', () => {
  it.each([
    ['no alert', [], []],
    ['one cause of many', [alert('offline', 'a'), alert('offline', 'b')], [['offline', 2, 2]]],
    [
      'the worst first',
      [alert('slow', 'a'), alert('blind', 'b', { severity: 'error' })],
      [
        ['blind', 1, 1],
        ['slow', 1, 1],
      ],
    ],
    [
      'what somebody looks after last',
      [
        alert('blind', 'a', { severity: 'critical', acknowledgedMs: 700 }),
        alert('slow', 'b', silentUntil(nowMs - 1)),
        alert('hot', 'c', silentUntil(nowMs + 1)),
        alert('full', 'd', { assigned: { to: 'ann', by: 'bob', timeMs: 1 } }),
      ],
      [
        ['slow', 1, 1],
        ['blind', 1, 0],
        ['hot', 1, 0],
        ['full', 1, 0],
      ],
    ],
  ])('shows %s', (_, alerts, groups) => {
    expect(groupAlerts(alerts, nowMs).map((one) => [one.name, one.alerts.length, one.open])).toEqual(groups);
  });
});

describe('changesSince', () => {
  it('puts swaps that say the same in one row, and leaves out what was before', () => {
    const swap = (device: string, timeMs: number, message = 'street 2 serves'): FleetEvent => ({
      ...{ id: device, seq: 1, device, timeMs, receivedMs: timeMs, kind: 'model.swapped', severity: 'info' },
      message,
    });
    const entry = { seq: 1, timeMs: 30, actor: 'ann (t1)', detail: '', hash: '' };
    const rows = changesSince(
      {
        swaps: [swap('cam-1', 20), swap('cam-2', 25), swap('cam-3', 40, 'street 3 serves'), swap('cam-4', 1)],
        rollouts: [],
        audit: [
          { ...entry, action: 'device.desired', target: 'cam-1', result: 'ok' },
          { ...entry, action: 'device.desired', target: 'cam-2', result: 'forbidden' },
        ],
      },
      10,
    );
    expect(rows.map(({ what, who, href }) => [what, who, href])).toEqual([
      ['street 3 serves (cam-3)', undefined, '#/devices/cam-3'],
      ['Device desired: cam-1', 'ann', '#/devices/cam-1'],
      ['street 2 serves (2 devices)', undefined, undefined],
    ]);
  });
});

describe('wallCameras', () => {
  const device = (id: string, groups: string[], cameras: string[], blind?: string) =>
    ({
      ...{ id, groups, cameras, online: true },
      health: {
        problems: blind === undefined ? [] : [{ kind: 'blind', camera: blind, what: 'frozen' }],
      },
    }) as unknown as DeviceSummary;
  const devices = [device('cam-2', ['gate'], ['front', 'rear'], 'rear'), device('cam-10', [], ['front'])];

  it.each([
    [{}, ['cam-2 rear', 'cam-2 front', 'cam-10 front']],
    [{ group: 'gate' }, ['cam-2 rear', 'cam-2 front']],
    [{ health: 'blind' }, ['cam-2 rear']],
    [{ health: 'ok', search: 'front 10' }, ['cam-10 front']],
  ])('shows what fits %j, those in trouble first', (part, names) => {
    const cameras = wallCameras(devices, { search: '', group: '', health: '', ...part });
    expect(cameras.map(({ device: { id }, camera }) => `${id} ${camera}`)).toEqual(names);
  });
});

describe('classLines', () => {
  const series = (name: string, rate: number[], version = '1'): MetricSeries => ({
    ...{ name: 'm', labels: { class: name, version }, unit: '1', kind: 'counter' },
    ...{ timeMs: [0, 1000], count: [1, 1], rate },
  });

  it('draws the most frequent classes, and all others as one', () => {
    const all = [series('car', [3, 3]), series('dog', [0, 1]), series('cat', [1, 0]), series('bus', [2, 2])];
    const { timeMs, lines } = classLines(all, 3, 1000);
    expect(timeMs).toEqual([0, 1000]);
    expect(lines).toEqual([
      { name: 'car', values: [180, 180] },
      { name: 'bus', values: [120, 120] },
      { name: 'others', values: [60, 60] },
    ]);
    expect(classLines([], 3, 1000)).toEqual({ timeMs: [], lines: [] });
  });
});

describe('LaneQueue', () => {
  it('runs so much at a time, in order, and leaves out what was aborted', async () => {
    const lanes = new LaneQueue(2);
    const ended: (() => void)[] = [];
    const begun: string[] = [];
    const stop = new AbortController();
    const run = (name: string, signal = new AbortController().signal) =>
      lanes.run(() => {
        begun.push(name);
        return new Promise<void>((resolve) => ended.push(resolve));
      }, signal);
    const first = run('a');
    const second = run('b');
    const aborted = run('c', stop.signal);
    const last = run('d');
    stop.abort();
    await Promise.resolve();
    expect(begun).toEqual(['a', 'b']);
    ended[0]?.();
    await first;
    await expect(aborted).rejects.toThrow();
    await Promise.resolve();
    expect(begun).toEqual(['a', 'b', 'd']);
    for (const end of ended) end();
    await Promise.all([second, last]);
  });
});
