import { describe, expect, test } from 'vitest';
import type { DeviceRecord, Rollout } from '../../../../src/controller/rollouts/rollout.ts';
import { armsOf, treatedOf } from '../../../../src/controller/shares/device-arms.ts';
import type { Side } from '../../../../src/controller/shares/device-sides.ts';

const day = 86_400_000;
const nowMs = 100 * day;

/** Devices that changed so many days ago, an hour after their order. */
function side(slot: string, daysAgo: Record<string, number>): Side {
  const devices = Object.entries(daysAgo).map(([device, days]): DeviceRecord => {
    const committedMs = nowMs - days * day;
    return {
      device,
      wave: 0,
      state: 'committed',
      sinceMs: 0,
      orderedMs: committedMs - 3_600_000,
      committedMs,
    };
  });
  return { rollout: { slot } as Rollout, devices };
}

function arms(a: Side, b: Side, kept: (device: string) => boolean = () => true) {
  const treated = treatedOf(b);
  return armsOf(
    a,
    treated,
    treated.filter(({ device }) => kept(device)),
  );
}

describe('Two sides of devices as arms', () => {
  test.each([
    ['long before the second', 40, true],
    ['just before what is read of the second', 10.1, true],
    ['within the days before the second', 9, false],
    ['after the second', 1, false],
  ])('a first version that came %s: it is steady: %s', (_, days, steady) => {
    const [b, a] = arms(side('main', { a: days }), side('main', { b: 3 }));
    expect(b).toMatchObject({ device: 'b', arm: 'treated', changedMs: nowMs - 3 * day });
    const changedMs = nowMs - days * day;
    expect(a).toEqual({
      ...{ device: 'a', arm: 'control' },
      ...(steady ? {} : { changedMs, beforeMs: changedMs - 3_600_000 }),
    });
  });

  test('what is read begins with the first device of the second version, and another slot stays another slot', () => {
    const all = arms(side('night', { a: 20 }), side('night', { b: 3, c: 15 }));
    expect(all.map(({ device, changedMs, anySlot }) => [device, changedMs, anySlot])).toEqual([
      ['b', nowMs - 3 * day, true],
      ['c', nowMs - 15 * day, true],
      ['a', nowMs - 20 * day, true],
    ]);
  });

  test.each([
    ['of the others', ['b'], true],
    ['of all', ['b', 'c'], false],
    ['of none', [], false],
  ])('what is read begins with the first one of which what was before is kept: %s', (_, kept, steady) => {
    const all = arms(side('main', { a: 40 }), side('main', { b: 3, c: 35 }), (one) => kept.includes(one));
    const a = all.find(({ device }) => device === 'a');
    expect(a?.changedMs).toBe(steady ? undefined : nowMs - 40 * day);
  });
});
