import { describe, expect, test } from 'vitest';
import {
  encodeDesired,
  mergeSettings,
  nextDesired,
} from '../../../../src/controller/desired/desired-state.ts';

const digest = `sha256:${'a'.repeat(64)}`;
const model = { name: 'street', version: '1.0.0', digest };

describe('merging settings', () => {
  test('the device wins over its groups, and a later group over an earlier, field by field', () => {
    const merged = mergeSettings(
      [
        {
          name: 'b',
          members: [],
          settings: { pipelines: { '*': { scoreThreshold: 0.4, iouThreshold: 0.5 } } },
        },
        {
          name: 'a',
          members: [],
          settings: {
            slots: { main: { model } },
            pipelines: { '*': { scoreThreshold: 0.1, maxDetections: 7 } },
          },
        },
      ],
      { pipelines: { '*': { iouThreshold: 0.9 }, front: { enabled: false } } },
    );
    expect(merged).toEqual({
      slots: { main: { model } },
      pipelines: {
        '*': { scoreThreshold: 0.4, maxDetections: 7, iouThreshold: 0.9 },
        front: { enabled: false },
      },
    });
  });
});

describe('the next desired state', () => {
  const base = {
    previous: undefined,
    wanted: { slots: { main: { model } } },
    seenGenerations: [],
    nowMs: 5,
  };

  test('begins with generation 1 and grows with every change', () => {
    const first = nextDesired(base)!;
    expect(first).toEqual({ generation: 1, timeMs: 5, slots: { main: { model } } });
    const second = nextDesired({ ...base, previous: first, wanted: {} })!;
    expect(second).toEqual({ generation: 2, timeMs: 5 });
  });

  test('does not change for the same settings in another order of keys', () => {
    const first = nextDesired({ ...base, wanted: { pipelines: { a: { enabled: true }, b: {} } } })!;
    expect(
      nextDesired({ ...base, previous: first, wanted: { pipelines: { b: {}, a: { enabled: true } } } }),
    ).toBeUndefined();
    expect(nextDesired({ ...base, wanted: {} })).toBeUndefined();
  });

  test('says how large a fleet is, where that matters, and orders nothing anew because it grew', () => {
    const wanted = { slots: { main: { model }, plate: { model } } };
    expect(nextDesired({ ...base, wanted, fleet: 49 })).toMatchObject(wanted);
    expect(nextDesired({ ...base, wanted, fleet: 49 })?.slots?.main?.model).not.toHaveProperty('fleet');
    const first = nextDesired({ ...base, wanted, fleet: 200 })!;
    expect([first.slots?.main?.model?.fleet, first.slots?.plate?.model.fleet]).toEqual([200, 200]);
    expect(nextDesired({ ...base, wanted, previous: first, fleet: 10_000 })).toBeUndefined();
    expect(nextDesired({ ...base, wanted, previous: first, fleet: 10 })).toBeUndefined();
    const changed = { slots: { ...wanted.slots, main: { model: { ...model, version: '2.0.0' } } } };
    const next = nextDesired({ ...base, wanted: changed, previous: first, fleet: 300 });
    expect(next?.slots?.main?.model.fleet).toBe(300);
  });

  test('passes every generation seen elsewhere, so that a lost database does not silence the controller', () => {
    expect(nextDesired({ ...base, seenGenerations: [0, 41] })?.generation).toBe(42);
    const previous = { generation: 3, timeMs: 1, slots: { main: { model } } };
    expect(nextDesired({ ...base, previous, seenGenerations: [7] })?.generation).toBe(8);
    expect(nextDesired({ ...base, previous, seenGenerations: [3] })).toBeUndefined();
  });

  test('does not pass a generation that nobody can have issued, and is always one that fits a payload', () => {
    const highest = Number.MAX_SAFE_INTEGER;
    expect(nextDesired({ ...base, seenGenerations: [highest, 5] })?.generation).toBe(6);
    expect(nextDesired({ ...base, seenGenerations: [1_000_000] })?.generation).toBe(1_000_001);
    expect(nextDesired({ ...base, seenGenerations: [1_000_001] })?.generation).toBe(1);
    const previous = { generation: 2 ** 50, timeMs: 1, slots: { main: { model } } };
    expect(nextDesired({ ...base, previous, seenGenerations: [2 ** 50 + 5] })).toBeUndefined();
    const next = nextDesired({ ...base, previous, wanted: {}, seenGenerations: [2 ** 50 + 5] })!;
    expect(encodeDesired('d1', next).byteLength).toBeGreaterThan(0);
  });
});
