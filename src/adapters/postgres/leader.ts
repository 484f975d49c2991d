import { CancelledError, type GoshawkError, InternalError, RefusedError } from '../../base/index.ts';
import type { Commit, CommitResult, HashText } from '../../controller/index.ts';
import { explainPostgres, isAway } from './faults.ts';
import { prepareSchema } from './prepare.ts';
import { type DatabaseAddress, describeAddress, idleMs, Session } from './session.ts';
import type { Sql } from './sql.ts';
import { Writer } from './writer.ts';

const lockSql = `SELECT pg_try_advisory_lock(hashtextextended('goshawk controller', 0)) AS held`;
const pingMs = idleMs / 5;
const standbyMs = 1_000;
const settleMs = 30_000;
const settlePauseMs = 250;

export interface LeaderOptions {
  readonly address: DatabaseAddress;
  readonly hash: HashText;
  /** Now, in milliseconds since 1970. */
  readonly nowMs: () => number;
  /** Another controller has the database; this one waits for its turn. */
  readonly onStandby: () => void;
  /** Another controller has it, or had it meanwhile: nothing can be written any more. */
  readonly onTaken: () => void;
}

/**
 * The one connection that writes. It holds an advisory lock, and all it writes goes through the session that holds it: who
 * lost the lock has lost the session, so nothing of his is committed after another has it. Each leader has a number of its
 * own: who comes back and finds another number has an old memory, and writes nothing more.
 */
export class Leader {
  readonly #options: LeaderOptions;
  readonly #where: string;
  #session: Session | undefined;
  #writer: Writer | undefined;
  #number = 0;
  #end: GoshawkError | undefined;
  /** What is asked of it is done one after the other. */
  #turn: Promise<unknown> = Promise.resolve();
  #ping: NodeJS.Timeout | undefined;

  private constructor(options: LeaderOptions) {
    this.#options = options;
    this.#where = describeAddress(options.address);
  }

  /** Waits until no other controller has the database. Rejects with a GoshawkError. */
  static async open(options: LeaderOptions): Promise<Leader> {
    const leader = new Leader(options);
    try {
      await leader.#take();
      leader.#ping = setInterval(() => leader.#sayHello(), pingMs);
      leader.#ping.unref();
      return leader;
    } catch (error) {
      await leader.#session?.close();
      throw explainPostgres(error, leader.#where);
    }
  }

  /** Work on the session that holds the lock, alone; rejects with a GoshawkError. */
  use<Result>(work: (sql: Sql) => Promise<Result>): Promise<Result> {
    const result = this.#turn.then(async () => {
      try {
        return await work((await this.#ready()).sql);
      } catch (error) {
        throw explainPostgres(error, this.#where);
      }
    });
    this.#turn = result.catch(() => {});
    return result;
  }

  /** All or nothing, also where the connection goes while the server is asked to commit. */
  commit(commit: Commit): Promise<CommitResult> {
    return this.use(async (sql) => {
      let inDoubt: string | undefined;
      let result: CommitResult | undefined;
      try {
        await sql.run('BEGIN');
        const row = await sql.get(
          `SELECT pg_current_xact_id()::text AS id, (SELECT value FROM state WHERE name = 'leader') AS leader`,
        );
        if (Number(row?.leader) !== this.#number) throw this.#taken();
        result = await this.#writer?.write(commit, this.#options.nowMs());
        inDoubt = String(row?.id);
        await sql.run('COMMIT');
      } catch (error) {
        this.#writer?.forget();
        if (!isAway(error)) {
          await sql.run('ROLLBACK').catch(() => {});
          throw error;
        }
        await this.#session?.close();
        if (inDoubt === undefined || !(await this.#wasCommitted(inDoubt))) throw error;
      }
      if (result === undefined) throw new InternalError('database-commit', 'The commit has no result.', '');
      return result;
    });
  }

  async close(): Promise<void> {
    clearInterval(this.#ping);
    await this.#turn;
    this.#end ??= new CancelledError('The work of the database');
    await this.#session?.close();
  }

  async #take(): Promise<void> {
    let session = await this.#connect();
    for (let told = false; !(await holdsLock(session.sql)); told = true) {
      if (!told) this.#options.onStandby();
      await pause(standbyMs);
      // While it stands by the server may be restarted.
      if (!session.alive) session = await this.#connect().catch(() => session);
    }
    await prepareSchema(session.sql, this.#where, this.#options.nowMs());
    const row = await session.sql.get(
      `UPDATE state SET value = value + 1 WHERE name = 'leader' RETURNING value`,
    );
    this.#number = Number(row?.value);
    this.#begin(session);
  }

  #begin(session: Session): void {
    this.#session = session;
    this.#writer = new Writer(session.sql, this.#options.hash);
  }

  /** Silence would end the session. */
  #sayHello(): void {
    void this.use((sql) => sql.get('SELECT 1')).catch(() => {});
  }

  async #connect(): Promise<Session> {
    this.#session = await Session.open(this.#options.address, 'goshawk controller', {
      idle_in_transaction_session_timeout: idleMs,
      idle_session_timeout: idleMs,
    });
    return this.#session;
  }

  /** The session, or a new one where it went: with the lock and the same number, or never again. */
  async #ready(): Promise<Session> {
    if (this.#end !== undefined) throw this.#end;
    if (this.#session?.alive === true) return this.#session;
    const session = await this.#connect();
    // Where the lock is not free, it may be our last session's, whose end the server has not noticed.
    for (;;) {
      const held = await holdsLock(session.sql);
      const row = await session.sql.get(`SELECT value FROM state WHERE name = 'leader'`);
      if (Number(row?.value) !== this.#number) {
        await session.close();
        throw this.#taken();
      }
      if (held) break;
      await pause(settlePauseMs);
    }
    this.#begin(session);
    return session;
  }

  #taken(): GoshawkError {
    if (this.#end === undefined) {
      this.#end = new RefusedError(
        'database-taken',
        `Another controller has taken the database ${this.#where} over.`,
        'Start this controller again. It then is a standby.',
      );
      this.#options.onTaken();
    }
    return this.#end;
  }

  /** What became of a transaction whose answer was lost: the server remembers it. */
  async #wasCommitted(id: string): Promise<boolean> {
    const untilMs = this.#options.nowMs() + settleMs;
    for (; this.#options.nowMs() < untilMs; await pause(settlePauseMs))
      try {
        const { sql } = await this.#ready();
        const status = (await sql.get('SELECT pg_xact_status($1::xid8) AS status', id))?.status;
        if (status !== 'in progress') return status === 'committed';
      } catch (error) {
        const { code } = explainPostgres(error, this.#where);
        if (code !== 'database-away') throw error;
      }
    return false;
  }
}

async function holdsLock(sql: Sql): Promise<boolean> {
  try {
    return (await sql.get(lockSql))?.held === true;
  } catch (error) {
    if (isAway(error)) return false;
    throw error;
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
