import type { Statements } from './statements.ts';

/** `repeated-session`: the number is known, and with other content. */
export type Receipt = 'new' | 'duplicate' | 'repeated-session';

/** Of each session the contents of its first batches are kept, where a second life begins, and of its newest. */
const firstContents = 64;
const newestContents = 1_024;
const keptSessions = 8;

/**
 * Notes a batch. With the same number a repeat has the same content; other content is of another life of the device in
 * a session with the same number, which a device with a full disk can't help. Once a session is known for it, a batch
 * whose content is not known counts as new: twice is better than lost.
 */
export function receive(
  sql: Statements,
  device: number,
  session: number,
  sequence: number,
  content: number | undefined,
): Receipt {
  const isNew = receiveNumber(sql, device, session, sequence);
  if (content === undefined) return isNew ? 'new' : 'duplicate';
  if (isNew) {
    keepContent(sql, device, session, sequence, content);
    return 'new';
  }
  const known = sql.all(
    'SELECT content FROM batch_content WHERE device = ? AND session = ? AND sequence = ?',
    ...[device, session, sequence],
  );
  if (known.some((row) => Number(row.content) === content)) return 'duplicate';
  if (known.length === 0 && !isRepeated(sql, device, session)) return 'duplicate';
  sql.run('INSERT OR IGNORE INTO repeated_session VALUES (?, ?)', device, session);
  keepContent(sql, device, session, sequence, content);
  return 'repeated-session';
}

/** What is known of the batches of a device, when it is deleted. */
export function forgetReceived(sql: Statements, device: number): void {
  for (const table of ['received', 'batch_content', 'repeated_session'])
    sql.run(`DELETE FROM ${table} WHERE device = ?`, device);
}

function isRepeated(sql: Statements, device: number, session: number): boolean {
  return (
    sql.get('SELECT 1 FROM repeated_session WHERE device = ? AND session = ?', device, session) !== undefined
  );
}

function keepContent(
  sql: Statements,
  device: number,
  session: number,
  sequence: number,
  content: number,
): void {
  sql.run('INSERT OR IGNORE INTO batch_content VALUES (?, ?, ?, ?)', device, session, sequence, content);
  const old = sequence - newestContents;
  if (old >= firstContents)
    sql.run(
      'DELETE FROM batch_content WHERE device = ? AND session = ? AND sequence = ?',
      ...[device, session, old],
    );
  if (sequence > 0) return;
  // A session begins: of so many before it nothing is under way any more.
  sql.run(
    `DELETE FROM batch_content WHERE device = ? AND session NOT IN (
       SELECT DISTINCT session FROM batch_content WHERE device = ? ORDER BY session DESC LIMIT ?
     )`,
    ...[device, device, keptSessions],
  );
}

/**
 * Which batches of a session were counted, kept as ranges of their numbers: exact, and one row for a device that lost
 * nothing. True when the number is new.
 */
function receiveNumber(sql: Statements, device: number, session: number, sequence: number): boolean {
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
