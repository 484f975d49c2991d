import { describe, expect, it } from 'vitest';
import {
  draftOf,
  isComplete,
  newDraft,
  placeRules,
  rulesInForce,
  withDraft,
  withoutRule,
  withPoint,
  withRules,
} from '../../../src/dashboard/device/rules.ts';

const triangle = [
  [0, 0],
  [0.5, 0],
  [0.5, 0.5],
] satisfies [number, number][];
const rules = { zones: { gate: { points: triangle } }, lines: { door: { points: triangle.slice(0, 2) } } };

describe('Zones and lines on the page of a device', () => {
  it('are those that the device reports, else those that are desired', () => {
    const desired = { pipelines: { '*': { rules } } };
    expect(rulesInForce({ desired } as never, 'front')).toEqual(rules);
    const reported = { pipelines: { front: {} } };
    expect(rulesInForce({ desired, reported } as never, 'front')).toEqual({});
  });

  it('are drawn on the picture with their counts, and before that with their name', () => {
    const counts = { zones: { gate: { inside: 2, entered: 9 } }, lines: { door: { in: 3, out: 1 } } };
    expect(placeRules(rules, counts, 200, 100)).toEqual([
      ...[
        {
          name: 'gate',
          kind: 'zone',
          text: 'gate: 2 inside, 9 entered',
          points: [
            [0, 0],
            [100, 0],
            [100, 50],
          ],
        },
      ],
      {
        name: 'door',
        kind: 'line',
        text: 'door: 3 in, 1 out',
        points: [
          [0, 0],
          [100, 0],
        ],
      },
    ]);
    expect(placeRules(rules, undefined, 200, 100).map(({ text }) => text)).toEqual(['gate', 'door']);
  });

  it('are drawn corner by corner, and sent with all settings that are there', () => {
    let draft = {
      ...newDraft('zone', { zones: { 'zone-1': rules.zones.gate } }),
      classes: 'car, , bus',
      dwell: '4',
    };
    expect(draft.name).toBe('zone-2');
    for (const point of [...triangle, [1.2, 0.123456] as const]) {
      expect(isComplete(draft)).toBe(draft.points.length >= 3);
      draft = withPoint(draft, point);
    }
    const next = withDraft(rules, draft);
    expect(next.zones?.['zone-2']).toEqual({
      points: [...triangle, [1, 0.1235]],
      classes: ['car', 'bus'],
      dwellSeconds: 4,
    });
    const settings = { pipelines: { front: { scoreThreshold: 0.4 }, rear: { enabled: false } } };
    expect(withRules(settings, 'front', next).pipelines).toEqual({
      front: { scoreThreshold: 0.4, rules: next },
      rear: { enabled: false },
    });
    expect(withoutRule(withoutRule(next, 'zone', 'zone-2'), 'line', 'door')).toEqual({
      zones: rules.zones,
      lines: {},
    });
  });

  it('are changed with what is not drawn here of them as it was', () => {
    const gate = { points: triangle, classes: ['car'], dwellSeconds: 4, minimumCount: 3 };
    const door = { points: triangle.slice(1), direction: 'in' as const };
    const given = { zones: { gate }, lines: { door } };
    expect(withDraft(given, draftOf(given, 'zone', 'gate'))).toEqual(given);
    expect(withDraft(given, draftOf(given, 'line', 'door'))).toEqual(given);
    const changed = withDraft(given, { ...draftOf(given, 'zone', 'gate'), classes: '', dwell: '' });
    expect(changed.zones?.gate).toEqual({ points: triangle, minimumCount: 3 });
  });

  it('have two ends where they are lines: a third point begins another one', () => {
    let draft = newDraft('line', {});
    for (const point of triangle) draft = withPoint(draft, point);
    expect(draft.points).toEqual([[0.5, 0.5]]);
    expect(isComplete(draft)).toBe(false);
    expect(isComplete({ ...withPoint(draft, [1, 1]), name: 'My door' })).toBe(false);
  });
});
