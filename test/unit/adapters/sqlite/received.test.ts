import { DatabaseSync } from '@photostructure/sqlite';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { receive } from '../../../../src/adapters/sqlite/received.ts';
import { Statements } from '../../../../src/adapters/sqlite/statements.ts';

function open() {
  const db = new DatabaseSync(':memory:');
  db.exec(
    'CREATE TABLE received (device INTEGER NOT NULL, session INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, PRIMARY KEY (device, session, first)) WITHOUT ROWID',
  );
  const sql = new Statements(db);
  const ranges = (device = 1, session = 1) =>
    sql
      .all(
        'SELECT first, last FROM received WHERE device = ? AND session = ? ORDER BY first',
        device,
        session,
      )
      .map(({ first, last }) => [first, last]);
  return { db, sql, ranges };
}

describe('The numbers of batches that were counted', () => {
  it('are one row for a device that lost nothing', () => {
    const { db, sql, ranges } = open();
    for (let sequence = 0; sequence < 1000; sequence++) expect(receive(sql, 1, 1, sequence)).toBe(true);
    expect(ranges()).toEqual([[0, 999]]);
    db.close();
  });

  it('join when what was missing between them comes late', () => {
    const { db, sql, ranges } = open();
    for (const sequence of [0, 1, 3, 4, 7]) receive(sql, 1, 1, sequence);
    expect(ranges()).toEqual([
      [0, 1],
      [3, 4],
      [7, 7],
    ]);
    receive(sql, 1, 1, 2);
    expect(ranges()).toEqual([
      [0, 4],
      [7, 7],
    ]);
    receive(sql, 1, 1, 6);
    receive(sql, 1, 1, 5);
    expect(ranges()).toEqual([[0, 7]]);
    db.close();
  });

  it('are exact, and as few rows as there are gaps, in whatever order they come', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(30), { maxLength: 60 }), (sequences) => {
        const { db, sql, ranges } = open();
        const known = new Set<number>();
        for (const sequence of sequences) {
          expect(receive(sql, 1, 1, sequence)).toBe(!known.has(sequence));
          known.add(sequence);
        }
        const starts = [...known].filter((sequence) => !known.has(sequence - 1)).sort((a, b) => a - b);
        expect(ranges().map(([first]) => first)).toEqual(starts);
        const held = ranges().reduce((sum, [first, last]) => sum + Number(last) - Number(first) + 1, 0);
        expect(held).toBe(known.size);
        db.close();
      }),
    );
  });

  it('are of one device and one session', () => {
    const { db, sql } = open();
    for (const [device, session] of [
      [1, 1],
      [1, 2],
      [2, 1],
    ] as const)
      expect(receive(sql, device, session, 5)).toBe(true);
    expect(receive(sql, 1, 2, 5)).toBe(false);
    db.close();
  });
});
