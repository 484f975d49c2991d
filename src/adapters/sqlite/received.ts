import type { Statements } from './statements.ts';

/**
 * Which batches of a session were counted, kept as ranges of their numbers: exact, and one row for a device that lost
 * nothing. True when the number is new.
 */
export function receive(sql: Statements, device: number, session: number, sequence: number): boolean {
  const below = sql.get(
    'SELECT first, last FROM received WHERE device = ? AND session = ? AND first <= ? ORDER BY first DESC LIMIT 1',
    device,
    session,
    sequence,
  );
  const belowLast = Number(below?.last ?? -2);
  if (sequence <= belowLast) return false;
  const above = sql.get(
    'SELECT last FROM received WHERE device = ? AND session = ? AND first = ?',
    device,
    session,
    sequence + 1,
  );
  if (above !== undefined)
    sql.run(
      'DELETE FROM received WHERE device = ? AND session = ? AND first = ?',
      device,
      session,
      sequence + 1,
    );
  const last = Number(above?.last ?? sequence);
  if (below !== undefined && belowLast === sequence - 1)
    sql.run(
      'UPDATE received SET last = ? WHERE device = ? AND session = ? AND first = ?',
      last,
      device,
      session,
      Number(below.first),
    );
  else sql.run('INSERT INTO received VALUES (?, ?, ?, ?)', device, session, sequence, last);
  return true;
}
