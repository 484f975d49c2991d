import type { Sql } from './sql.ts';

/** `repeated-session`: the number is known, and with other content. */
export type Receipt = 'new' | 'duplicate' | 'repeated-session';

/** As in the SQLite store: what is kept of a device is bounded, and what is forgotten counts as new. */
const firstContents = 64;
const newestContents = 1_024;
/** Contents are dropped in groups of so many numbers. */
const contentGroup = 64;
const keptSessions = 8;
const keptRanges = 1_024;
const keptReceivedSessions = 64;

export type Range = [first: number, last: number];

/** Notes a number in ranges that are sorted and apart; false where it is known. */
export function noteNumber(ranges: Range[], number: number): boolean {
  let at = ranges.length;
  while (at > 0 && (ranges[at - 1]?.[0] ?? 0) > number) at -= 1;
  const below = ranges[at - 1];
  const above = ranges[at];
  if (below !== undefined && number <= below[1]) return false;
  const joinsBelow = below !== undefined && below[1] === number - 1;
  const joinsAbove = above !== undefined && above[0] === number + 1;
  if (joinsBelow && joinsAbove) {
    below[1] = above[1];
    ranges.splice(at, 1);
  } else if (joinsBelow) below[1] = number;
  else if (joinsAbove) above[0] = number;
  else ranges.splice(at, 0, [number, number]);
  return true;
}

interface Session {
  readonly device: number;
  readonly session: number;
  readonly ranges: Range[];
  repeated: boolean;
  isNew: boolean;
  changed: boolean;
}

export interface Batch {
  readonly device: number;
  readonly session: number;
  readonly sequence: number;
  readonly content?: number;
}

/**
 * Which batches of one commit are new: what is stored of their sessions is read once, decided here, and written once.
 * With the same number a repeat has the same content; other content is of another life of the device in a session with
 * the same number. Once a session is known for it, a batch whose content is not known counts as new.
 */
export class Receipts {
  readonly #sql: Sql;
  readonly #sessions = new Map<string, Session>();
  /** Contents by device, session and sequence. */
  readonly #contents = new Map<string, Set<number>>();
  readonly #added: Required<Batch>[] = [];

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  async load(batches: readonly Batch[]): Promise<void> {
    const keys = new Map(batches.map((one) => [sessionKey(one), one]));
    await this.#lock([...keys.values()], false);
    const missing = [...keys].flatMap(([key, one]) => (this.#sessions.has(key) ? [] : [one]));
    if (missing.length > 0) await this.#begin(missing);
    const known = batches.filter((one) => one.content !== undefined && this.#knows(one));
    if (known.length === 0) return;
    const contents = await this.#sql.all(
      `SELECT c.* FROM batch_content c JOIN unnest($1::int[], $2::bigint[], $3::bigint[]) AS k (device, session, sequence)
       ON c.device = k.device AND c.session = k.session AND c.sequence = k.sequence`,
      known.map(({ device }) => device),
      known.map(({ session }) => session),
      known.map(({ sequence }) => sequence),
    );
    for (const row of contents)
      this.#contentsOf({
        device: Number(row.device),
        session: Number(row.session),
        sequence: Number(row.sequence),
      }).add(Number(row.content));
  }

  /** Another writer may have batches of the same session: who comes second waits, and then sees what the first counted. */
  async #lock(sessions: readonly Batch[], isNew: boolean): Promise<void> {
    const rows = await this.#sql.all(
      `SELECT r.device, r.session, r.ranges, r.repeated FROM received r
       JOIN unnest($1::int[], $2::bigint[]) AS k (device, session) ON r.device = k.device AND r.session = k.session
       ORDER BY r.device, r.session FOR UPDATE OF r`,
      sessions.map(({ device }) => device),
      sessions.map(({ session }) => session),
    );
    for (const row of rows) {
      const one = { device: Number(row.device), session: Number(row.session) };
      const ranges = JSON.parse(String(row.ranges)) as Range[];
      const kept = { ...one, ranges, repeated: row.repeated === true, isNew, changed: false };
      this.#sessions.set(sessionKey(one), kept);
    }
  }

  /** A row of each new session, so that there is something to lock. */
  async #begin(sessions: readonly Batch[]): Promise<void> {
    await this.#sql.run(
      `INSERT INTO received (device, session, ranges)
       SELECT device, session, '[]' FROM unnest($1::int[], $2::bigint[]) AS k (device, session) ORDER BY device, session
       ON CONFLICT DO NOTHING`,
      sessions.map(({ device }) => device),
      sessions.map(({ session }) => session),
    );
    await this.#lock(sessions, true);
  }

  receive(batch: Batch): Receipt {
    const { content } = batch;
    const session = this.#session(batch);
    const isNew = noteNumber(session.ranges, batch.sequence);
    if (isNew) {
      session.changed = true;
      session.ranges.splice(0, session.ranges.length - keptRanges);
    }
    if (content === undefined) return isNew ? 'new' : 'duplicate';
    const contents = this.#contentsOf(batch);
    if (!isNew) {
      if (contents.has(content)) return 'duplicate';
      if (contents.size === 0 && !session.repeated) return 'duplicate';
      session.repeated = true;
      session.changed = true;
    }
    contents.add(content);
    this.#added.push({ ...batch, content });
    return isNew ? 'new' : 'repeated-session';
  }

  async save(): Promise<void> {
    const changed = [...this.#sessions.values()].filter((one) => one.changed);
    if (changed.length > 0)
      await this.#sql.run(
        `INSERT INTO received AS r (device, session, ranges, repeated)
         SELECT * FROM unnest($1::int[], $2::bigint[], $3::text[], $4::boolean[])
         ON CONFLICT (device, session) DO UPDATE SET ranges = excluded.ranges, repeated = excluded.repeated`,
        changed.map(({ device }) => device),
        changed.map(({ session }) => session),
        changed.map(({ ranges }) => JSON.stringify(ranges)),
        changed.map(({ repeated }) => repeated),
      );
    if (this.#added.length > 0) await this.#saveContents();
    const began = changed.flatMap(({ device, isNew }) => (isNew ? [device] : []));
    if (began.length > 0) await this.#keepNewestSessions(began);
  }

  async #saveContents(): Promise<void> {
    const added = this.#added;
    await this.#sql.run(
      `INSERT INTO batch_content SELECT * FROM unnest($1::int[], $2::bigint[], $3::bigint[], $4::bigint[])
       ON CONFLICT DO NOTHING`,
      added.map(({ device }) => device),
      added.map(({ session }) => session),
      added.map(({ sequence }) => sequence),
      added.map(({ content }) => content),
    );
    const full = added.filter(
      ({ sequence }) => sequence > firstContents + newestContents && sequence % contentGroup === 0,
    );
    if (full.length > 0)
      await this.#sql.run(
        `DELETE FROM batch_content c USING unnest($1::int[], $2::bigint[], $3::bigint[]) AS k (device, session, last)
         WHERE c.device = k.device AND c.session = k.session AND c.sequence BETWEEN ${firstContents} AND k.last`,
        full.map(({ device }) => device),
        full.map(({ session }) => session),
        full.map(({ sequence }) => sequence - newestContents),
      );
  }

  /** Of devices that began a session: perhaps one too many. */
  async #keepNewestSessions(devices: readonly number[]): Promise<void> {
    for (const [table, kept] of [
      ['batch_content', keptSessions],
      ['received', keptReceivedSessions],
    ] as const)
      await this.#sql.run(
        `DELETE FROM ${table} t USING (
           SELECT device, session, row_number() OVER (PARTITION BY device ORDER BY session DESC) AS place
           FROM received WHERE device = ANY ($1::int[])
         ) AS k WHERE t.device = k.device AND t.session = k.session AND k.place > ${kept}`,
        devices,
      );
  }

  #knows(batch: Batch): boolean {
    const ranges = this.#sessions.get(sessionKey(batch))?.ranges ?? [];
    return ranges.some(([first, last]) => first <= batch.sequence && batch.sequence <= last);
  }

  #session(batch: Batch): Session {
    const key = sessionKey(batch);
    let found = this.#sessions.get(key);
    if (found === undefined) {
      const { device, session } = batch;
      found = { device, session, ranges: [], repeated: false, isNew: true, changed: false };
      this.#sessions.set(key, found);
    }
    return found;
  }

  #contentsOf(batch: Batch): Set<number> {
    const key = `${sessionKey(batch)} ${batch.sequence}`;
    let found = this.#contents.get(key);
    if (found === undefined) {
      found = new Set();
      this.#contents.set(key, found);
    }
    return found;
  }
}

/** What is known of the batches of a device, when it is deleted. */
export async function forgetReceived(sql: Sql, device: number): Promise<void> {
  for (const table of ['received', 'batch_content'])
    await sql.run(`DELETE FROM ${table} WHERE device = $1`, device);
}

function sessionKey({ device, session }: Pick<Batch, 'device' | 'session'>): string {
  return `${device} ${session}`;
}
