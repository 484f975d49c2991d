import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Affected, mergeByGroup } from '../../../../src/controller/alerts/merge-by-group.ts';

interface Device extends Affected {
  readonly away: boolean;
}

const of = (device: string, away: boolean, ...groups: string[]): Device => ({
  device,
  groups,
  away,
  alone: [{ subject: device, device, holds: true, summary: `${device} is offline` }],
});
function sort(devices: readonly Device[]) {
  const totals = new Map<string, number>();
  for (const { groups } of devices)
    for (const group of groups) totals.set(group, (totals.get(group) ?? 0) + 1);
  return mergeByGroup(
    devices.filter(({ away }) => away),
    () => totals,
    'are offline',
  );
}
const subjects = (devices: readonly Device[]) => sort(devices).seen.map(({ subject }) => subject);

describe('Devices that are away together', () => {
  it('are one subject from three on, and more than half of their group', () => {
    const site = (away: number, here: number) => [
      ...Array.from({ length: away }, (_, i) => of(`a${i}`, true, 'west')),
      ...Array.from({ length: here }, (_, i) => of(`h${i}`, false, 'west')),
    ];
    expect(subjects(site(2, 0))).toEqual(['a0', 'a1']);
    expect(subjects(site(3, 2))).toEqual(['group:west']);
    expect(subjects(site(3, 3))).toEqual(['a0', 'a1', 'a2']);
    expect(sort(site(3, 2)).seen.at(-1)?.summary).toBe('3 of 5 devices of group west are offline');
  });

  it('count to the group with the most of them, once', () => {
    const all = ['a', 'b', 'c', 'd'].map((id) => of(id, true, 'all', id === 'd' ? 'other' : 'west'));
    expect(subjects(all)).toEqual(['group:all']);
  });

  it('take all of their own subjects with them, and say who they are', () => {
    const cameras = (device: string): Device => ({
      ...of(device, true, 'west'),
      alone: ['front', 'rear'].map((camera) => ({
        ...{ subject: `${device}/${camera}`, device, camera, holds: true, summary: '' },
      })),
    });
    const { seen, covered } = sort(['a', 'b', 'c'].map(cameras));
    expect(seen).toMatchObject([{ subject: 'group:west', devices: ['a', 'b', 'c'] }]);
    expect(covered).toEqual(['a/front', 'a/rear', 'b/front', 'b/rear', 'c/front', 'c/rear']);
  });

  it('are all reported, alone or in one group, and no device that is online', () => {
    const absence = fc.record({ away: fc.boolean(), groups: fc.uniqueArray(fc.constantFrom('x', 'y', 'z')) });
    fc.assert(
      fc.property(fc.array(absence, { maxLength: 30 }), (rows) => {
        const devices = rows.map(({ away, groups }, i) => of(`d${i}`, away, ...groups));
        const { seen, covered } = sort(devices);
        const alone = seen.flatMap(({ device }) => device ?? []);
        const away = devices.filter((one) => one.away).map(({ device }) => device);
        expect([...alone, ...covered].sort()).toEqual(away.sort());
        const groups = new Set(seen.map(({ subject }) => subject).filter((one) => one.startsWith('group:')));
        for (const device of covered) {
          const own = devices.find((one) => one.device === device)?.groups ?? [];
          expect(own.some((group) => groups.has(`group:${group}`))).toBe(true);
        }
        expect(new Set(seen.map(({ subject }) => subject)).size).toBe(seen.length);
      }),
      { seed: 6 },
    );
  });
});
