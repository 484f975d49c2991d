import { DatabaseSync } from '@photostructure/sqlite';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { forgetReceived, receive } from '../../../../src/adapters/sqlite/received.ts';
import { prepareSchema } from '../../../../src/adapters/sqlite/schema.ts';
import { Statements } from '../../../../src/adapters/sqlite/statements.ts';

function open() {
  const db = new DatabaseSync(':memory:');
  prepareSchema(db, ':memory:');
  const sql = new Statements(db);
  const note = (sequence: number, content?: number, session = 1, device = 1) =>
    receive(sql, device, session, sequence, content);
  const ranges = () =>
    sql
      .all('SELECT first, last FROM received WHERE device = 1 AND session = 1 ORDER BY first')
      .map(({ first, last }) => [first, last]);
  return { db, sql, note, ranges };
}

describe('The numbers of batches that were counted', () => {
  it('are one row for a device that lost nothing', () => {
    const { db, note, ranges } = open();
    for (let sequence = 0; sequence < 1000; sequence++) expect(note(sequence)).toBe('new');
    expect(ranges()).toEqual([[0, 999]]);
    db.close();
  });

  it('join when what was missing between them comes late', () => {
    const { db, note, ranges } = open();
    for (const sequence of [0, 1, 3, 4, 7]) note(sequence);
    expect(ranges()).toEqual([
      [0, 1],
      [3, 4],
      [7, 7],
    ]);
    note(2);
    expect(ranges()).toEqual([
      [0, 4],
      [7, 7],
    ]);
    note(6);
    note(5);
    expect(ranges()).toEqual([[0, 7]]);
    db.close();
  });

  it('are exact, and as few rows as there are gaps, in whatever order they come', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(30), { maxLength: 60 }), (sequences) => {
        const { db, note, ranges } = open();
        const known = new Set<number>();
        for (const sequence of sequences) {
          expect(note(sequence)).toBe(known.has(sequence) ? 'duplicate' : 'new');
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

  it('are so many for a device that leaves gaps, and for one that begins ever new sessions', () => {
    const { db, sql, note, ranges } = open();
    const rows = (table: string) => Number(sql.get(`SELECT count(*) AS rows FROM ${table}`)?.rows);
    for (let i = 0; i < 3_000; i++) note(2 * i, i);
    expect(ranges()).toHaveLength(1_024);
    expect(ranges().at(-1)).toEqual([5_998, 5_998]);
    expect(rows('batch_content')).toBeLessThan(1_200);
    expect([note(5_998, 2_999), note(4_000, 2_000)]).toEqual(['duplicate', 'duplicate']);
    for (let session = 2; session < 400; session++) {
      note(7, 1, session);
      note(7, 2, session);
    }
    expect(rows('received')).toBe(64);
    expect(rows('batch_content')).toBeLessThan(20);
    expect(rows('repeated_session')).toBe(8);
    expect(note(7, 1, 399)).toBe('duplicate');
    db.close();
  });

  it('are of one device and one session', () => {
    const { db, note } = open();
    expect([note(5), note(5, undefined, 2), note(5, undefined, 1, 2)]).toEqual(['new', 'new', 'new']);
    expect(note(5, undefined, 2)).toBe('duplicate');
    db.close();
  });
});

describe('A batch with a number that is known', () => {
  it('is a repeat with the same content, and of another life of the device with other content', () => {
    const { db, note } = open();
    expect([note(0, 11), note(1, 12)]).toEqual(['new', 'new']);
    expect([note(0, 11), note(1, 12)]).toEqual(['duplicate', 'duplicate']);
    expect([note(0, 21), note(1, 22)]).toEqual(['repeated-session', 'repeated-session']);
    // Both lives may send theirs again.
    expect([note(0, 11), note(0, 21), note(1, 12), note(1, 22)]).toEqual(Array(4).fill('duplicate'));
    db.close();
  });

  it('is a repeat where its content was not kept, unless the session is known to have two lives', () => {
    const { db, note } = open();
    for (let sequence = 0; sequence <= 2000; sequence++) note(sequence, sequence);
    // Contents are kept of the first and of the newest batches.
    expect([note(63, 1), note(500, 1)]).toEqual(['repeated-session', 'repeated-session']);
    const other = open();
    for (let sequence = 0; sequence <= 2000; sequence++) other.note(sequence, sequence);
    expect(other.note(500, 1)).toBe('duplicate');
    expect(other.note(2000, 1)).toBe('repeated-session');
    db.close();
    other.db.close();
  });

  it('is a repeat where the device tells no content', () => {
    const { db, note } = open();
    note(0, 11);
    expect(note(0)).toBe('duplicate');
    db.close();
  });

  it('is new again for a device that was deleted', () => {
    const { db, sql, note } = open();
    note(0, 11);
    note(0, 22);
    forgetReceived(sql, 1);
    expect([note(0, 33), note(0, 33)]).toEqual(['new', 'duplicate']);
    db.close();
  });
});
