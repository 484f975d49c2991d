import { Value } from '@sinclair/typebox/value';
import { describe, expect, it } from 'vitest';
import { AccessScope, type Selector } from '../../../../src/api/index.ts';
import { isWithin, narrowed, selects } from '../../../../src/controller/fleet/selector.ts';

const device = {
  id: 'cam-1',
  groups: ['hall-1', 'all'],
  board: 'Orin',
  labels: { site: 'berlin', ring: 'a' },
};

describe('A scope', () => {
  it.each<[AccessScope, boolean]>([
    [{ groups: ['hall-1'] }, true],
    [{ groups: ['hall-2', 'all'] }, true],
    [{ groups: ['hall-2'] }, false],
    [{ labels: { site: 'berlin' } }, true],
    [{ labels: { site: 'berlin', ring: 'a' } }, true],
    [{ labels: { site: 'berlin', ring: 'b' } }, false],
    [{ groups: ['hall-1'], labels: { site: 'munich' } }, false],
    [{ groups: ['hall-1'], labels: { site: 'berlin' } }, true],
    [{}, false],
  ])('%j has a device of hall-1 in Berlin: %s', (scope, has) => {
    expect(isWithin(scope, device)).toBe(has);
  });

  it.each([{}, { groups: [] }, { labels: {} }, { devices: ['cam-1'] }, { all: true }])(
    'is not %j',
    (scope) => {
      expect(Value.Check(AccessScope, scope)).toBe(false);
    },
  );
});

describe('A selector that is narrowed', () => {
  const scope = { labels: { site: 'berlin' } };
  const elsewhere = { ...device, labels: { site: 'munich' } };

  it.each<Selector>([{ all: true }, { devices: ['cam-1'] }, { groups: ['all'] }, { boards: ['Orin'] }])(
    'means devices of the scope alone: %j',
    (selector) => {
      expect([selects(selector, device), selects(selector, elsewhere)]).toEqual([true, true]);
      const own = narrowed(selector, scope);
      expect([selects(own, device), selects(own, elsewhere)]).toEqual([true, false]);
      expect(narrowed(own, scope)).toEqual(own);
    },
  );

  it('still has to name something, and never widens what was asked', () => {
    expect(selects(narrowed({}, scope), device)).toBe(false);
    expect(() => narrowed({ all: true, within: { groups: ['hall-1'] } }, scope)).toThrow('another part');
  });
});
