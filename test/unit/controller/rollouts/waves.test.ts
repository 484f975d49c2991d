import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Experiment } from '../../../../src/api/index.ts';
import { type Selectable, selects } from '../../../../src/controller/fleet/selector.ts';
import { planWaves } from '../../../../src/controller/rollouts/waves.ts';

const fleet = (count: number): Selectable[] =>
  Array.from({ length: count }, (_, at) => ({
    id: `d${at}`,
    groups: at % 2 === 0 ? ['even'] : [],
    board: at < 2 ? 'Orin' : 'NX',
    labels: { ring: at === 0 ? 'canary' : 'rest' },
  }));
const all = { all: true as const };
const sizes = (...given: Parameters<typeof planWaves>) =>
  planWaves(...given).map(({ devices }) => devices.length);

describe('Waves', () => {
  test('take the devices and labels that they name first, and so many percent with those before counted in', () => {
    const waves = [{ labels: { ring: 'canary' } }, { devices: ['d5'], count: 1 }, { percent: 50 }];
    const planned = planWaves({ target: all, waves }, fleet(20), 'r');
    expect(planned.map(({ devices }) => devices.length)).toEqual([1, 2, 7, 10]);
    expect(planned[0]?.devices).toEqual(['d0']);
    expect(planned[1]?.devices).toContain('d5');
    expect(planned.map(({ name }) => name)).toEqual(['wave 1', 'wave 2', 'wave 3', 'the rest']);
  });

  test('grow by a factor, and never beyond a most', () => {
    expect(sizes({ target: all, growth: { first: 1, factor: 2 } }, fleet(20), 'r')).toEqual([1, 2, 4, 8, 5]);
    expect(sizes({ target: all, growth: { first: 2, factor: 3, most: 5 } }, fleet(20), 'r')).toEqual([
      2, 5, 5, 5, 3,
    ]);
    expect(sizes({ target: all, growth: { first: 1, factor: 1 } }, fleet(60), 'r').at(-1)).toBe(10);
  });

  test('are one with all devices by default, and none for an empty fleet', () => {
    expect(sizes({ target: all }, fleet(3), 'r')).toEqual([3]);
    expect(sizes({ target: all }, [], 'r')).toEqual([]);
  });

  test('are the same for the same rollout, and others for another: not the same devices are always first', () => {
    const first = (name: string) =>
      planWaves({ target: all, waves: [{ count: 5 }] }, fleet(100), name)[0]?.devices;
    expect(first('a')).toEqual(first('a'));
    expect(first('a')).not.toEqual(first('b'));
  });

  test('have every device of the target once, whatever the policy', () => {
    const wave = fc.record(
      {
        devices: fc.uniqueArray(
          fc.integer({ min: 0, max: 40 }).map((at) => `d${at}`),
          { maxLength: 5 },
        ),
        labels: fc.constant({ ring: 'canary' }),
        count: fc.integer({ min: 1, max: 20 }),
        percent: fc.integer({ min: 0, max: 100 }),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.array(wave, { maxLength: 6 }), fc.integer({ min: 0, max: 40 }), (waves, count) => {
        const target = { groups: ['even'] };
        const found = planWaves({ target, waves }, fleet(count), 'r').flatMap(({ devices }) => devices);
        const wanted = fleet(count).filter((one) => selects(target, one));
        expect([...found].sort()).toEqual(wanted.map(({ id }) => id).sort());
      }),
    );
  });
});

describe('A selector', () => {
  const [orin, nx] = [fleet(3)[0]!, fleet(3)[2]!];
  test.each([
    [{}, false, false],
    [{ labels: {} }, false, false],
    [{ all: true as const }, true, true],
    [{ boards: ['Orin'] }, true, false],
    [{ groups: ['even'], labels: { ring: 'rest' } }, false, true],
    [{ all: true as const, except: { labels: { ring: 'canary' } } }, false, true],
    [{ groups: ['even'], except: { devices: ['d2'], boards: ['none'] } }, true, false],
  ])('%j', (selector, first, third) => {
    expect([selects(selector, orin), selects(selector, nx)]).toEqual([first, third]);
  });
});

describe('The parts of an experiment', () => {
  const b = (percent: number, name = 'ab') =>
    planWaves({ target: { all: true }, experiment: { by: 'device', percent } }, fleet(1000), name)[0]!
      .devices;

  test('have each device once, about as many as was said, however alike their names are', () => {
    const part = b(30);
    const waves = planWaves(
      { target: { all: true }, experiment: { by: 'device', percent: 30 } },
      fleet(1000),
      'ab',
    );
    expect(waves.flatMap(({ devices }) => devices)).toHaveLength(1000);
    expect(new Set(waves.flatMap(({ devices }) => devices)).size).toBe(1000);
    expect(waves.map(({ name }) => name)).toEqual(['B', 'everybody']);
    expect(part.length).toBeGreaterThan(250);
    expect(part.length).toBeLessThan(350);
    const tens = Array.from({ length: 100 }, (_, ten) => part.filter((id) => id.slice(1, -1) === `${ten}`));
    expect(tens.filter(({ length }) => length === 0 || length === 10).length).toBeLessThan(15);
  });

  test('stay as they are when B grows and others join, and are other ones under another name', () => {
    expect(b(60)).toEqual(expect.arrayContaining([...b(30)]));
    const more = planWaves(
      { target: { all: true }, experiment: { by: 'device', percent: 30 } },
      fleet(1100),
      'ab',
    );
    expect(more[0]!.devices).toEqual(expect.arrayContaining([...b(30)]));
    expect(b(30, 'cd')).not.toEqual(b(30));
  });

  test('by labels are those that have them; by camera every device is in the first', () => {
    const devices = ['a', 'b', 'c'].map((id) => ({
      id,
      groups: [],
      labels: id === 'b' ? { ring: 'b' } : {},
    }));
    const plan = (experiment: Experiment) =>
      planWaves({ target: { all: true }, experiment }, devices, 'ab').map((wave) => wave.devices);
    expect(plan({ by: 'device', labels: { ring: 'b' } })).toEqual([['b'], ['a', 'c']]);
    expect(plan({ by: 'camera', percent: 50 })).toEqual([['a', 'b', 'c'], []]);
  });
});
