import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SeriesTable } from '../../../../src/controller/history/series.ts';

const fps = { name: 'fps', unit: '1', kind: 'gauge' as const, labels: { camera: 'front', model: 'street' } };

describe('The numbers of the series', () => {
  it('are the same for the same name, labels, unit and kind, in whatever order the labels come', () => {
    const table = new SeriesTable();
    const id = table.intern(fps);
    expect(table.intern({ ...fps, labels: { model: 'street', camera: 'front' } })).toBe(id);
    const others = [
      { ...fps, name: 'latency' },
      { ...fps, unit: 'seconds' },
      { ...fps, kind: 'counter' as const },
      { ...fps, labels: { camera: 'front' } },
      { ...fps, labels: { camera: 'street', model: 'front' } },
    ];
    expect(new Set([id, ...others.map((one) => table.intern(one))]).size).toBe(6);
    expect(table.get(id!)).toEqual({ id, ...fps });
  });

  it('have no two meanings where names and labels run into each other', () => {
    const part = fc.constantFrom('', 'a', 'b', '"', ',', '=', 'a=b');
    const entry = fc.record({ name: part, labels: fc.dictionary(part, part, { maxKeys: 2 }) });
    fc.assert(
      fc.property(entry, entry, (one, other) => {
        const table = new SeriesTable();
        const same = JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
        const ids = [one, other].map((row) => table.intern({ ...row, unit: '1', kind: 'gauge' }));
        expect(ids[0] === ids[1]).toBe(same);
      }),
      { numRuns: 500 },
    );
  });

  it('go on after those of the database', () => {
    const table = new SeriesTable();
    table.load([{ id: 41, ...fps }]);
    expect(table.intern(fps)).toBe(41);
    expect(table.intern({ ...fps, name: 'other' })).toBe(42);
    expect(table.unsaved().map(({ id }) => id)).toEqual([42]);
  });

  it('wait to be saved until somebody says that they were', () => {
    const table = new SeriesTable();
    table.intern(fps);
    const first = table.unsaved();
    table.intern({ ...fps, name: 'other' });
    table.saved(first);
    expect(table.unsaved().map(({ name }) => name)).toEqual(['other']);
  });

  it('are not given again in this life when a series is dropped', () => {
    const table = new SeriesTable();
    const id = table.intern(fps)!;
    table.drop(id);
    table.drop(id);
    expect(table.get(id)).toBeUndefined();
    expect(table.unsaved()).toEqual([]);
    expect(table.ids()).toEqual([]);
    expect(table.intern(fps)).toBe(id + 1);
  });

  it('have an end: a device that makes up labels does not fill the memory of the fleet', () => {
    const table = new SeriesTable(3);
    const ids = Array.from({ length: 5 }, (_, i) => table.intern({ ...fps, name: `m${i}` }));
    expect(ids).toEqual([1, 2, 3, undefined, undefined]);
    expect(table.intern({ ...fps, name: 'm1' })).toBe(2);
    table.drop(1);
    expect(table.intern({ ...fps, name: 'm4' })).toBe(4);
  });
});

function sorted({ name, labels }: { name: string; labels: Record<string, string> }) {
  return [name, Object.entries(labels).sort()];
}
