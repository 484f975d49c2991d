import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Group } from '../../../../src/api/index.ts';
import { GroupTable } from '../../../../src/controller/fleet/group-table.ts';

const group = (name: string, members: string[] = [], settings: Group['settings'] = {}): Group => ({
  ...{ name, members, settings },
});
const many = (count: number, prefix: string) => Array.from({ length: count }, (_, i) => `${prefix}${i}`);

describe('The groups', () => {
  test('that list a device are known at once, whatever was set, changed and removed before', () => {
    const steps = fc.array(
      fc.tuple(
        fc.constantFrom('a', 'b', 'c'),
        fc.option(fc.uniqueArray(fc.constantFrom('d1', 'd2', 'd3')), { nil: undefined }),
      ),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(steps, fc.constantFrom('d1', 'd2', 'd3'), (given, gone) => {
        const table = new GroupTable();
        const plain = new Map<string, string[]>();
        for (const [name, members] of given) {
          if (members === undefined) {
            table.delete(name);
            plain.delete(name);
          } else {
            table.set(group(name, members));
            plain.set(name, members);
          }
        }
        table.removeMember(gone);
        for (const device of ['d1', 'd2', 'd3'])
          expect([...table.listing(device)].sort()).toEqual(
            [...plain]
              .filter(([, members]) => device !== gone && members.includes(device))
              .map(([name]) => name)
              .sort(),
          );
        expect(table.all().map(({ name }) => name)).toEqual([...plain.keys()].sort());
      }),
    );
  });

  test.each([
    ['groups', () => many(1_000, 'g').map((name) => group(name)), group('more')],
    ['memberships', () => many(20, 'g').map((name) => group(name, many(10_000, 'd'))), group('more', ['d'])],
    [
      'bytes of settings',
      () =>
        many(40, 'g').map((name) =>
          group(name, [], { pipelines: { a: { classes: many(1_000, 'x'.repeat(200)) } } }),
        ),
      group('more', [], { pipelines: { a: { classes: many(1_000, 'x'.repeat(200)) } } }),
    ],
  ])(
    'are so many: beyond their %s one more is refused, and one that becomes smaller is not',
    (what, full, more) => {
      const table = new GroupTable();
      for (const one of full()) {
        table.expectRoom(one);
        table.set(one);
      }
      expect(() => table.expectRoom(more)).toThrow(
        expect.objectContaining({ code: 'too-many-groups', message: expect.stringContaining(what) }),
      );
      expect(() => table.expectRoom(group('g1'))).not.toThrow();
      table.delete('g1');
      expect(() => table.expectRoom(more)).not.toThrow();
    },
  );
});
