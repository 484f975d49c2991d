import { describe, expect, test } from 'vitest';
import type { RolloutPolicy } from '../../../../src/api/index.ts';
import { stepsAtOnce } from '../../../../src/base/index.ts';
import type { DeviceRecord, Rollout } from '../../../../src/controller/rollouts/rollout.ts';
import { comparedSides, divideDevices, inOrder } from '../../../../src/controller/shares/device-sides.ts';

type Target = RolloutPolicy['target'];
const part = (fromPercent: number, toPercent: number): Target => ({
  all: true,
  share: { of: 'ab', fromPercent, toPercent },
});
const site = (value: string): Target => ({ labels: { site: value } });
let createdMs = 0;

/** A rollout whose devices committed by its own order, or wait where `waits` says so. */
function rollout(name: string, version: string, target: Target, devices: string[], waits = false): Rollout {
  createdMs += 1;
  const records = devices.map((device): [string, DeviceRecord] => [
    device,
    {
      ...{ device, wave: 0, sinceMs: 0 },
      ...(waits
        ? { state: 'waiting' as const }
        : { state: 'committed' as const, order: `${name} ${device}` }),
    },
  ]);
  return {
    ...{ id: name, name, slot: 'main', createdMs, sinceMs: 0, wave: 0, waves: [], notes: [] },
    ...{ createdBy: { token: 't', name: 'ann' }, state: waits ? 'running' : 'finished' },
    policy: { model: { name: 'street' }, target },
    model: { name: 'street', version, digest: `sha256:${version.repeat(64)}` },
    devices: new Map(records),
  };
}

/** Oldest first; `stands`: of which rollout each device has its order. */
function divided(rollouts: Rollout[], stands: Record<string, string>) {
  const orderOf = (device: string) => stands[device] && `${stands[device]} ${device}`;
  return stepsAtOnce(divideDevices([...rollouts].reverse(), orderOf)).map(({ of, sides }) => ({
    of,
    sides: inOrder(sides).map((side) => [side.rollout.name, ...side.devices.map(({ device }) => device)]),
    compared: comparedSides(sides)?.map((side) => side.rollout.name),
  }));
}

describe('Rollouts that divide devices', () => {
  test('by labels need other values: the second version for one value is no test', () => {
    const first = rollout('v1', '1', site('west'), ['d1', 'd2']);
    const second = rollout('v2', '2', site('west'), ['d1', 'd2']);
    expect(divided([first, second], { d1: 'v2', d2: 'v2' })).toEqual([]);
    // Half of it is done.
    expect(divided([first, second], { d1: 'v1', d2: 'v2' })).toEqual([]);
    const east = rollout('east', '1', site('east'), ['d3']);
    expect(divided([first, second, east], { d1: 'v2', d2: 'v2', d3: 'east' })).toMatchObject([
      { of: 'street by site', compared: ['v2', 'east'] },
    ]);
  });

  test('have a device once: who ordered it last has it, whatever old records say', () => {
    const old = rollout('old', '1', part(0, 100), ['d1', 'd2', 'd3']);
    const next = rollout('next', '2', part(0, 50), ['d1']);
    expect(divided([old, next], { d1: 'next', d2: 'old' })).toEqual([
      // Somebody ordered something else for d3.
      {
        of: 'ab',
        sides: [
          ['old', 'd2'],
          ['next', 'd1'],
        ],
        compared: ['old', 'next'],
      },
    ]);
    expect(divided([old, next], { d1: 'next' })).toEqual([{ of: 'ab', sides: [['next', 'd1']] }]);
    expect(divided([old, next], {})).toEqual([]);
  });

  test('are compared by the newest of each range that runs', () => {
    const a1 = rollout('a1', '1', part(0, 50), ['d1', 'd2']);
    const b = rollout('b', '2', part(50, 100), ['d3']);
    const a2 = rollout('a2', '3', part(0, 50), ['d1', 'd2']);
    const half = divided([a1, b, a2], { d1: 'a2', d2: 'a1', d3: 'b' });
    expect(half).toEqual([
      {
        of: 'ab',
        sides: [
          ['a1', 'd2'],
          ['a2', 'd1'],
          ['b', 'd3'],
        ],
        compared: ['a2', 'b'],
      },
    ]);
    const waits = rollout('a2', '3', part(0, 50), ['d1', 'd2'], true);
    const before = divided([a1, b, waits], { d1: 'a1', d2: 'a1', d3: 'b' });
    expect(before).toMatchObject([
      {
        sides: [
          ['a1', 'd1', 'd2'],
          ['b', 'd3'],
        ],
        compared: ['a1', 'b'],
      },
    ]);
  });

  test('show who waits for its wave, and nothing is compared before it runs', () => {
    const a = rollout('a', '1', site('west'), ['d1']);
    const b = rollout('b', '2', site('east'), ['d2'], true);
    expect(divided([a, b], { d1: 'a' })).toEqual([
      {
        of: 'street by site',
        sides: [
          ['a', 'd1'],
          ['b', 'd2'],
        ],
        compared: undefined,
      },
    ]);
  });

  test('have a name that a route takes, each another one', () => {
    const keys = ['a', 'b', 'c'].map((letter) => letter.repeat(60));
    const by = (last: string, value: string): Target => ({
      labels: { [keys[0]!]: value, [keys[1]!]: '1', [last]: '1' },
    });
    const all = [keys[2]!, `${keys[2]!}d`].flatMap((last) =>
      ['x', 'y'].map((value) =>
        rollout(`${last} ${value}`, value === 'x' ? '1' : '2', by(last, value), [last + value]),
      ),
    );
    const stands = Object.fromEntries(
      all.flatMap(({ name, devices }) => [...devices.keys()].map((id) => [id, name])),
    );
    const names = divided(all, stands).map(({ of }) => of);
    expect(new Set(names).size).toBe(2);
    for (const name of names) expect(name.length).toBeLessThanOrEqual(128);
  });
});
