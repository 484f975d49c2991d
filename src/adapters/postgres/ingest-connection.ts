import { CancelledError, RefusedError } from '../../base/index.ts';
import { type IngestCommit, type IngestResult, type KnownDevice, parseJson } from '../../controller/index.ts';
import { BlockCache } from './block-cache.ts';
import { DeviceNumbers } from './devices.ts';
import { writeEvents } from './events-writer.ts';
import { explainPostgres, isAway, isCollision } from './faults.ts';
import { dropUntaken, noteIngested } from './ingested.ts';
import { writeMetrics } from './metrics-writer.ts';
import { holdSchema, refuseOtherSchema, statedSchema, transferState, withoutFleet } from './prepare.ts';
import { type DatabaseAddress, describeAddress, idleMs, Session } from './session.ts';
import type { Sql } from './sql.ts';

/** Parts of one roll-up are merged when it is read: more writers would make reading slow. */
const mostWriters = 64;
const mostAttempts = 5;

interface OpenSession {
  readonly session: Session;
  readonly writer: number;
  /** Right while the number is ours, which is as long as the session lives. */
  readonly cache: BlockCache;
}

/**
 * The connection of an ingest process. It holds the lock of a writer's number as long as it lives, and writes the parts of
 * roll-ups with this number through the same session: nobody else writes them, and who lost the session has lost the number.
 * Everything else that it writes is added once, also if another process adds it too.
 */
export class IngestConnection {
  readonly #address: DatabaseAddress;
  readonly #nowMs: () => number;
  #open: OpenSession | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #ping: NodeJS.Timeout | undefined;
  #closed = false;

  private constructor(address: DatabaseAddress, nowMs: () => number) {
    this.#address = address;
    this.#nowMs = nowMs;
  }

  /** Rejects with a GoshawkError; `database-empty` or `database-older` where no leader has made the tables of this version. */
  static async open(address: DatabaseAddress, nowMs: () => number): Promise<IngestConnection> {
    const connection = new IngestConnection(address, nowMs);
    await connection.use(() => Promise.resolve());
    // Silence would end the session.
    connection.#ping = setInterval(() => {
      void connection.use((sql) => dropUntaken(sql, nowMs())).catch(() => {});
    }, idleMs / 5);
    connection.#ping.unref();
    return connection;
  }

  use<Answer>(work: (sql: Sql, open: OpenSession) => Promise<Answer>): Promise<Answer> {
    const answer = this.#turn.then(async () => {
      try {
        const open = await this.#ready();
        return await work(open.session.sql, open);
      } catch (error) {
        if (isAway(error)) await this.#open?.session.close();
        throw explainPostgres(error, describeAddress(this.#address));
      }
    });
    this.#turn = answer.catch(() => {});
    return answer;
  }

  /** All or nothing. Where the connection goes at its end nobody knows: given again, what is stored counts as a repeat. */
  ingest(commit: IngestCommit): Promise<IngestResult> {
    return this.use(async (sql, open) => {
      for (let attempt = 1; ; attempt++)
        try {
          return await sql.transaction(() => this.#write(sql, open, commit));
        } catch (error) {
          open.cache.clear();
          // Two that waited for each other: one of them was ended.
          if (!isCollision(error) || attempt === mostAttempts) throw error;
        }
    });
  }

  devices(names: readonly string[]): Promise<KnownDevice[]> {
    return this.use(async (sql) => {
      const rows = await sql.all(
        `SELECT name, session, aliases FROM device LEFT JOIN catalogue ON catalogue.device = device.id
         WHERE name = ANY ($1::text[])`,
        names,
      );
      const found = new Map<string, KnownDevice['catalogues'][number][]>();
      for (const { name, session, aliases } of rows) {
        const catalogues = found.get(String(name)) ?? [];
        found.set(String(name), catalogues);
        if (session !== null)
          catalogues.push({
            session: Number(session),
            aliases: parseJson<[number, number][]>(aliases) ?? [],
          });
      }
      return [...found].map(([device, catalogues]) => ({ device, catalogues }));
    });
  }

  async close(): Promise<void> {
    clearInterval(this.#ping);
    await this.#turn;
    this.#closed = true;
    await this.#open?.session.close();
  }

  async #write(
    sql: Sql,
    { writer, cache }: OpenSession,
    { metrics, events, entries }: IngestCommit,
  ): Promise<IngestResult> {
    await holdSchema(sql, describeAddress(this.#address));
    // Asked for each time: the leader may delete a device, and make another with its name.
    const numbers = new DeviceNumbers(sql);
    const known = await numbers.known([...metrics, ...events, ...entries].map(({ device }) => device));
    const ofFleet = <One extends { readonly device: string }>(all: readonly One[]) =>
      all.filter(({ device }) => known.has(device));
    const rows = ofFleet(metrics).map((row) => ({ ...row, number: numbers.of(row.device) }));
    const nowMs = this.#nowMs();
    const written = await writeMetrics(sql, rows, nowMs, cache, writer);
    await noteIngested(sql, written, ofFleet(entries), nowMs);
    const fresh = await writeEvents(sql, ofFleet(events), (device) => numbers.of(device));
    const { duplicateBatches, repeatedSessions } = written;
    const unknown = new Set(
      [...metrics, ...events].flatMap(({ device }) => (known.has(device) ? [] : device)),
    );
    return { duplicateBatches, repeatedSessions, events: fresh, unknown: [...unknown] };
  }

  async #ready(): Promise<OpenSession> {
    if (this.#closed) throw new CancelledError('The work of the database');
    if (this.#open?.session.alive === true) return this.#open;
    const where = describeAddress(this.#address);
    const session = await Session.open(this.#address, 'goshawk ingest', {
      idle_in_transaction_session_timeout: idleMs,
      idle_session_timeout: idleMs,
    });
    try {
      const { sql } = session;
      const schema = await statedSchema(sql);
      if (schema === undefined || (await transferState(sql)) === 'begun') throw withoutFleet(where);
      refuseOtherSchema(schema, where);
      this.#open = { session, writer: await takeNumber(sql, where), cache: new BlockCache() };
      return this.#open;
    } catch (error) {
      await session.close();
      throw error;
    }
  }
}

/** The lowest number that is free, ours as long as the session lives. */
async function takeNumber(sql: Sql, where: string): Promise<number> {
  for (let number = 1; number <= mostWriters; number++) {
    const row = await sql.get(`SELECT pg_try_advisory_lock(hashtext('goshawk writer'), $1) AS held`, number);
    if (row?.held === true) return number;
  }
  throw new RefusedError(
    'database-writers',
    `The database ${where} has ${mostWriters} ingest processes already.`,
    'Stop some of them; more than a few make reading slow.',
  );
}
