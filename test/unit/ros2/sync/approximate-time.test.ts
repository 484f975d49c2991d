import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ApproximateTime } from '../../../../src/ros2/index.ts';

const item = (stampMs: number) => ({ stampNs: BigInt(Math.round(stampMs * 1e6)) });
const stampsOf = (sets: readonly ReadonlyMap<string, { stampNs: bigint }>[]) =>
  sets.map((set) => [...set].map(([source, { stampNs }]) => `${source}${stampNs / 1_000_000n}`).join(' '));

function fed(order: readonly (readonly [string, number])[], slopMs = 20, queue = 10) {
  const sync = new ApproximateTime({ sources: ['a', 'b'], slopNs: BigInt(slopMs) * 1_000_000n, queue });
  return { sync, sets: stampsOf(order.flatMap(([source, ms]) => sync.add(source, item(ms)))) };
}

describe('Pictures of about the same time', () => {
  it.each([
    [
      'are one set where they are equal',
      [
        ['a', 0],
        ['b', 0],
      ],
      ['a0 b0'],
    ],
    [
      'are one set within the slop',
      [
        ['a', 0],
        ['b', 20],
      ],
      ['a0 b20'],
    ],
    [
      'are none beyond it',
      [
        ['a', 0],
        ['b', 21],
        ['a', 33],
      ],
      ['a33 b21'],
    ],
    [
      'wait for the slower camera',
      [
        ['a', 0],
        ['a', 33],
        ['a', 66],
        ['b', 65],
      ],
      ['a66 b65'],
    ],
    [
      'are the nearest that is there',
      [
        ['a', 0],
        ['a', 15],
        ['b', 14],
        ['b', 40],
      ],
      ['a15 b14'],
    ],
    [
      'go on where one camera lost one',
      [
        ['a', 0],
        ['b', 1],
        ['a', 33],
        ['a', 66],
        ['b', 67],
      ],
      ['a0 b1', 'a66 b67'],
    ],
    [
      'are left out where they are not newer',
      [
        ['a', 10],
        ['a', 10],
        ['a', 5],
        ['b', 10],
        ['b', 15],
      ],
      ['a10 b10'],
    ],
    [
      'begin anew with their source',
      [
        ['a', 9000],
        ['a', 10],
        ['b', 10],
      ],
      ['a10 b10'],
    ],
    [
      'of an unknown source are nothing',
      [
        ['c', 0],
        ['a', 0],
        ['b', 0],
      ],
      ['a0 b0'],
    ],
  ] as const)('%s', (_, order, sets) => {
    expect(fed(order).sets).toEqual(sets);
  });

  it('give way where too many wait', () => {
    const { sync, sets } = fed(
      [
        ['a', 0],
        ['a', 33],
        ['a', 66],
        ['b', 0],
        ['b', 33],
      ],
      5,
      2,
    );
    expect(sets).toEqual(['a33 b33']);
    expect(sync.leftOut).toBe(2);
  });

  const stream = fc.array(
    fc.record({ source: fc.constantFrom('a', 'b', 'c'), ms: fc.integer({ min: -200, max: 900 }) }),
    { maxLength: 80 },
  );

  it('are in no two sets, in order and within the slop, whatever comes', () => {
    fc.assert(
      fc.property(
        stream,
        fc.integer({ min: 0, max: 100 }),
        fc.integer({ min: 1, max: 8 }),
        (all, slop, queue) => {
          const slopNs = BigInt(slop) * 1_000_000n;
          const sync = new ApproximateTime<{ stampNs: bigint }>({ sources: ['a', 'b', 'c'], slopNs, queue });
          const used = new Set<unknown>();
          const last = new Map<string, bigint>();
          let waiting = 0;
          for (const { source, ms } of all) {
            const sets = sync.add(source, item(ms));
            for (const set of sets) {
              expect(set.size).toBe(3);
              const stamps = [...set.values()].map(({ stampNs }) => stampNs).sort((x, y) => Number(x - y));
              expect(stamps[2]! - stamps[0]!).toBeLessThanOrEqual(slopNs);
              for (const [name, one] of set) {
                expect(used.has(one)).toBe(false);
                used.add(one);
                const before = last.get(name);
                // Only a source that began anew goes back, by more than a second.
                if (before !== undefined && one.stampNs <= before)
                  expect(before - one.stampNs).toBeGreaterThan(10n ** 9n);
                last.set(name, one.stampNs);
              }
            }
            waiting += 1 - 3 * sets.length;
            expect(waiting - sync.leftOut).toBeLessThanOrEqual(3 * queue);
          }
        },
      ),
    );
  });

  it('are all found where cameras are triggered together, however late each one is', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'b'), { minLength: 40, maxLength: 40 }), (turns) => {
        const next = { a: 0, b: 0 };
        const order = turns.map((source) => [source, 33 * next[source as 'a' | 'b']++] as const);
        const pairs = Math.min(next.a, next.b);
        expect(fed(order, 5, 40).sets).toEqual(
          Array.from({ length: pairs }, (_, at) => `a${33 * at} b${33 * at}`),
        );
      }),
    );
  });
});
