import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rankOf } from '../../../../src/controller/fleet/name-rank.ts';
import { isInShare } from '../../../../src/controller/fleet/share.ts';
import { type Selectable, selects } from '../../../../src/controller/rollouts/selector.ts';
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
const rank = rankOf('r');

describe('Waves', () => {
  test('take the devices and labels that they name first, and so many percent with those before counted in', () => {
    const waves = [{ labels: { ring: 'canary' } }, { devices: ['d5'], count: 1 }, { percent: 50 }];
    const planned = planWaves({ target: all, waves }, fleet(20), rank);
    expect(planned.map(({ devices }) => devices.length)).toEqual([1, 2, 7, 10]);
    expect(planned[0]?.devices).toEqual(['d0']);
    expect(planned[1]?.devices).toContain('d5');
    expect(planned.map(({ name }) => name)).toEqual(['wave 1', 'wave 2', 'wave 3', 'the rest']);
  });

  test('grow by a factor, and never beyond a most', () => {
    expect(sizes({ target: all, growth: { first: 1, factor: 2 } }, fleet(20), rank)).toEqual([1, 2, 4, 8, 5]);
    expect(sizes({ target: all, growth: { first: 2, factor: 3, most: 5 } }, fleet(20), rank)).toEqual([
      2, 5, 5, 5, 3,
    ]);
    expect(sizes({ target: all, growth: { first: 1, factor: 1 } }, fleet(60), rank).at(-1)).toBe(10);
  });

  test('are one with everybody where the policy says nothing, and none over an empty fleet', () => {
    expect(sizes({ target: all }, fleet(3), rank)).toEqual([3]);
    expect(sizes({ target: all }, [], rank)).toEqual([]);
  });

  test('are the same for the same rollout, and others for another: not the same devices are always first', () => {
    const first = (name: string) =>
      planWaves({ target: all, waves: [{ count: 5 }] }, fleet(100), rankOf(name))[0]?.devices;
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
        const found = planWaves({ target, waves }, fleet(count), rank).flatMap(({ devices }) => devices);
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

describe('Shares of a target', () => {
  const a = { all: true as const, share: { of: 'ab', toPercent: 30 } };
  const b = { all: true as const, share: { of: 'ab', fromPercent: 30, toPercent: 100 } };

  test('have each device once, about as many as was said, however alike their names are', () => {
    const devices = fleet(1000);
    const inA = devices.filter((device) => selects(a, device));
    expect(devices.filter((device) => selects(b, device))).toEqual(
      devices.filter((device) => !inA.includes(device)),
    );
    expect(inA.length).toBeGreaterThan(250);
    expect(inA.length).toBeLessThan(350);
    const tens = Array.from({ length: 100 }, (_, ten) =>
      inA.filter(({ id }) => id.slice(1, -1) === `${ten}`),
    );
    expect(tens.filter(({ length }) => length === 0 || length === 10).length).toBeLessThan(15);
  });

  test('stay as they are when others join, are other ones under another name, and are of what else is said', () => {
    const few = fleet(50).filter((device) => selects(a, device));
    expect(
      fleet(80)
        .filter((device) => selects(a, device))
        .slice(0, few.length),
    ).toEqual(few);
    const others = fleet(50).filter(({ id }) => isInShare(id, { of: 'cd', toPercent: 30 }));
    expect(others).not.toEqual(few);
    const even = fleet(50).filter((device) => selects({ groups: ['even'], share: a.share }, device));
    expect(even).toEqual(few.filter(({ groups }) => groups.length > 0));
    expect(selects({ share: { of: 'ab', toPercent: 100 } }, few[0]!)).toBe(false);
  });
});
