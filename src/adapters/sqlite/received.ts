import type { Statements } from './statements.ts';

/** `repeated-session`: the number is known, and with other content. */
export type Receipt = 'new' | 'duplicate' | 'repeated-session';

/** Of each session the contents of its first batches are kept, where a second life begins, and of its newest. */
const firstContents = 64;
const newestContents = 1_024;
/** Sessions of a device whose contents are kept; a later one has nothing under way any more. */
const keptSessions = 8;
/** A device that loses nothing has one range in a session, and one more for each gap. */
const keptRanges = 1_024;
const keptReceivedSessions = 64;

/**
 * Notes a batch. What is known of a device is bounded, whatever numbers it sends: what is forgotten counts as new. With the same number a repeat has the same content; other content is of another life of the device in
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
  if (isNew) forgetOldest(sql, device, session, sequence);
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
  keepNewestSessions(sql, 'repeated_session', device, keptSessions);
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
  sql.run(
    'DELETE FROM batch_content WHERE device = ? AND session = ? AND sequence BETWEEN ? AND ?',
    ...[device, session, firstContents, sequence - newestContents],
  );
}

/** A batch began a range of its own: perhaps one too many, and perhaps of a session too many. */
function forgetOldest(sql: Statements, device: number, session: number, sequence: number): void {
  const began = sql.get(
    'SELECT 1 FROM received WHERE device = ? AND session = ? AND first = ? AND last = ?',
    ...[device, session, sequence, sequence],
  );
  if (began === undefined) return;
  sql.run(
    `DELETE FROM received WHERE device = ? AND session = ? AND first <= (
       SELECT first FROM received WHERE device = ? AND session = ? ORDER BY first DESC LIMIT 1 OFFSET ?
     )`,
    ...[device, session, device, session, keptRanges],
  );
  const ranges = sql.all(
    'SELECT 1 FROM received WHERE device = ? AND session = ? LIMIT 2',
    ...[device, session],
  );
  if (ranges.length > 1) return;
  keepNewestSessions(sql, 'received', device, keptReceivedSessions);
  keepNewestSessions(sql, 'batch_content', device, keptSessions);
}

function keepNewestSessions(
  sql: Statements,
  table: 'received' | 'batch_content' | 'repeated_session',
  device: number,
  kept: number,
): void {
  sql.run(
    `DELETE FROM ${table} WHERE device = ? AND session <= (
       SELECT DISTINCT session FROM ${table} WHERE device = ? ORDER BY session DESC LIMIT 1 OFFSET ?
     )`,
    ...[device, device, kept],
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
