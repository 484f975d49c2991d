import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plansToEvict } from '../../../../src/model/index.ts';

const plan = (key: string, bytes: number, usedMs: number) => ({ key, bytes, usedMs });
const plans = [plan('a', 100, 3), plan('b', 100, 1), plan('c', 100, 2)];
const roomy = { mostBytes: 1000, freeBytes: 1000, leastFreeBytes: 500 };

describe('Plans that must go', () => {
  it('are none while there is room', () => {
    expect(plansToEvict(plans, new Set(), roomy)).toEqual([]);
  });

  it('are those that were not opened for the longest time, as many as the bound asks for', () => {
    expect(plansToEvict(plans, new Set(), { ...roomy, mostBytes: 299 })).toEqual(['b']);
    expect(plansToEvict(plans, new Set(), { ...roomy, mostBytes: 150 })).toEqual(['b', 'c']);
  });

  it('go also where the disk has no room for a build', () => {
    expect(plansToEvict(plans, new Set(), { ...roomy, freeBytes: 350 })).toEqual(['b', 'c']);
  });

  it('never are in use, and leave no room unmade that could be', () => {
    const anyPlans = fc.uniqueArray(fc.record({ key: fc.string(), bytes: fc.nat(1000), usedMs: fc.nat() }), {
      selector: ({ key }) => key,
    });
    fc.assert(
      fc.property(anyPlans, fc.nat(3000), fc.nat(2000), fc.nat(5), (some, mostBytes, freeBytes, held) => {
        const inUse = new Set(some.slice(0, held).map(({ key }) => key));
        const gone = new Set(plansToEvict(some, inUse, { mostBytes, freeBytes, leastFreeBytes: 500 }));
        for (const key of inUse) expect(gone).not.toContain(key);
        const bytes = (of: typeof some) => of.reduce((sum, one) => sum + one.bytes, 0);
        const left = some.filter(({ key }) => !gone.has(key));
        const freed = freeBytes + bytes(some) - bytes(left);
        const enough = bytes(left) <= mostBytes && freed >= 500;
        expect(enough || left.every(({ key }) => inUse.has(key))).toBe(true);
      }),
    );
  });
});
