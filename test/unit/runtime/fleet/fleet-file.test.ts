import { describe, expect, test } from 'vitest';
import type { RolloutDetail, RolloutInfo } from '../../../../src/api/index.ts';
import {
  compareFleet,
  type FleetNow,
  labelsAfter,
  parseFleetFile,
  parsePolicy,
} from '../../../../src/runtime/fleet/fleet-file.ts';

const text = `
labels:
  cam-1: { site: west, ring: canary }
groups:
  west: { members: [cam-1, cam-2] }
rollouts:
  street-2:
    model: { name: street, version: 2.0.0 }
    target: { labels: { site: west } }
    growth: { first: 1, factor: 2 }
    gate:
      metrics: [{ metric: detections, harm: 0.1 }]
`;
const file = parseFleetFile(text, 'fleet.yaml');
const policy = file.rollouts!['street-2']!;
const empty: FleetNow = {
  labels: { devices: [] },
  groups: { groups: [] },
  rollouts: { rollouts: [], total: 0 },
  details: {},
  gone: new Set(),
};
const rollout = (name: string, state: RolloutInfo['state'], change: object = {}) =>
  ({ name, state, policy, ...change }) as RolloutDetail;

describe('A file of a fleet', () => {
  test('changes what is not so yet, and nothing twice', () => {
    expect(compareFleet(file, empty)).toEqual([
      { kind: 'change', about: 'labels', name: 'cam-1', what: 'none -> ring=canary site=west' },
      { kind: 'change', about: 'group', name: 'west', what: '+cam-1 +cam-2' },
      { kind: 'change', about: 'rollout', name: 'street-2', what: 'new: street' },
    ]);
    const now: FleetNow = {
      labels: { devices: [{ device: 'cam-1', labels: { ring: 'canary', site: 'west' } }] },
      groups: { groups: [{ name: 'west', members: ['cam-2', 'cam-1'], settings: {} }] },
      rollouts: { rollouts: [rollout('street-2', 'running')], total: 1 },
      details: { 'street-2': rollout('street-2', 'running') },
      gone: new Set(),
    };
    expect(compareFleet(file, now)).toEqual([]);
  });

  test('keeps labels of a device that it does not name, and tells them', () => {
    const of = (labels: Record<string, string>): FleetNow => ({
      ...empty,
      labels: { devices: [{ device: 'cam-1', labels }] },
    });
    const other = of({ rack: '7', site: 'east' });
    expect(compareFleet(file, other).slice(0, 2)).toEqual([
      {
        kind: 'change',
        about: 'labels',
        name: 'cam-1',
        what: 'rack=7 site=east -> rack=7 ring=canary site=west',
      },
      { kind: 'differs', about: 'labels', name: 'cam-1', what: 'has rack=7, which the file does not name' },
    ]);
    expect(labelsAfter(file, other, 'cam-1')).toEqual({ rack: '7', ring: 'canary', site: 'west' });
    const done = of({ rack: '7', ring: 'canary', site: 'west' });
    expect(
      compareFleet(file, done).filter(({ about, kind }) => about === 'labels' && kind === 'change'),
    ).toEqual([]);
  });

  test('makes no rollout a second time that is over and no longer kept', () => {
    expect(compareFleet(file, { ...empty, gone: new Set(['street-2']) }).at(-1)).toEqual({
      ...{ kind: 'differs', about: 'rollout', name: 'street-2' },
      what: 'is over and no longer stored; remove it from the file',
    });
  });

  test('tells what the fleet has and the file does not say', () => {
    const now: FleetNow = {
      labels: { devices: [{ device: 'cam-9', labels: { site: 'east' } }] },
      groups: {
        groups: [
          { name: 'west', members: ['cam-1', 'cam-3'], settings: {} },
          { name: 'east', members: ['cam-9'], settings: {} },
        ],
      },
      rollouts: { rollouts: [rollout('by-hand', 'soaking'), rollout('old', 'finished')], total: 2 },
      details: { 'street-2': rollout('street-2', 'rolled-back', { reason: '1 of 2 did badly.' }) },
      gone: new Set(),
    };
    expect(compareFleet(file, now)).toMatchObject([
      { kind: 'change', name: 'cam-1' },
      { kind: 'differs', name: 'cam-9', what: 'has site=east, which the file does not name' },
      { kind: 'change', name: 'west', what: '+cam-2 -cam-3' },
      { kind: 'differs', name: 'east' },
      { kind: 'differs', name: 'street-2', what: 'was rolled-back: 1 of 2 did badly.' },
      { kind: 'differs', name: 'by-hand', what: 'is soaking, and the file does not name it' },
    ]);
  });

  test('does not change a rollout that was made: its policy is its own', () => {
    const other = { ...policy, soakMinutes: 5 };
    const now = { ...empty, details: { 'street-2': rollout('street-2', 'running', { policy: other }) } };
    const [, , third] = compareFleet(file, now);
    expect(third).toMatchObject({ kind: 'differs', what: expect.stringContaining('another policy') });
  });

  test('says nothing of a part that it leaves out', () => {
    const now = { ...empty, labels: { devices: [{ device: 'x', labels: { a: 'b' } }] } };
    expect(compareFleet({}, now)).toEqual([]);
  });

  test.each([
    ['a word that is none', 'rollout: {}\n', 'fleet.yaml:1:1: rollout: is unknown, did you mean rollouts?'],
    [
      'a wave of -1 %',
      'rollouts: {a: {model: {name: x}, target: {all: true}, waves: [{percent: -1}]}}',
      'waves.0.percent: must be',
    ],
    ['a metric that nobody has', text.replace('detections', 'beauty'), 'metric: must'],
    ['a list', '- a\n', 'the file: must be object'],
  ])('with %s is refused, and where', (_, wrong, where) => {
    expect(() => parseFleetFile(wrong, 'fleet.yaml')).toThrow(
      expect.objectContaining({ code: 'fleet-file' }),
    );
    expect(() => parseFleetFile(wrong, 'fleet.yaml')).toThrow(where);
  });

  test('may be a policy alone', () => {
    expect(parsePolicy('model: {name: street}\ntarget: {all: true}\n', 'policy.yaml')).toMatchObject({
      target: { all: true },
    });
  });
});
