import { createHash } from 'node:crypto';
import { CancelledError, type GoshawkError } from '../../base/index.ts';
import type {
  Commit,
  CommitResult,
  FleetUpdate,
  IngestCommit,
  Ingested,
  IngestResult,
  KnownDevice,
  RepositoryRecord,
  StoreCalls,
  TokenRow,
} from '../../controller/index.ts';
import type { Answers, Served, ThreadContract } from '../../platform/index.ts';
import { explainPostgres, isAway } from './faults.ts';
import { IncidentReader } from './incident-reader.ts';
import { IngestConnection } from './ingest-connection.ts';
import { takeIngested } from './ingested.ts';
import { Leader } from './leader.ts';
import { announceLeader, readLeaderUrl } from './leader-address.ts';
import { hasDevice, loadFleet, readTokens } from './loader.ts';
import { questions, refuseOtherSchema, statedSchema } from './prepare.ts';
import { Reader } from './reader.ts';
import { deleteRepository, loadRepositories, saveRepository } from './repositories.ts';
import { retainStep } from './retention.ts';
import { type DatabaseAddress, describeAddress, Session } from './session.ts';
import type { Sql } from './sql.ts';
import { hasListeners, publishUpdates } from './updates-listener.ts';

export interface ConnectionOptions {
  readonly address: DatabaseAddress;
  readonly role: 'writer' | 'reader' | 'ingest';
}

/** What only PostgreSQL can be asked: several processes share it. */
interface SharedCalls {
  takeIngested(after: number): Ingested;
  ingest(commit: IngestCommit): IngestResult;
  devices(names: readonly string[]): readonly KnownDevice[];
  tokens(): readonly TokenRow[];
  hasDevice(name: string): boolean;
  leaderUrl(): string | undefined;
  /** Where other processes reach this leader. */
  announce(url: string): void;
  repositories(): readonly RepositoryRecord[];
  saveRepository(record: RepositoryRecord): void;
  deleteRepository(name: string): void;
  hasListeners(): boolean;
  publish(updates: readonly FleetUpdate[]): void;
}

export interface DatabaseThread extends ThreadContract {
  readonly data: ConnectionOptions;
  readonly calls: StoreCalls & SharedCalls;
  readonly notices: {
    /** Another controller has the database: this one waits. */
    standby: Record<never, never>;
    /** Another controller has taken it over. */
    taken: Record<never, never>;
  };
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** Runs work on a connection, in turn; rejects with a GoshawkError. */
interface Connection {
  readonly commit?: (commit: Commit) => Promise<CommitResult>;
  readonly ingest?: (commit: IngestCommit) => Promise<IngestResult>;
  readonly devices?: (names: readonly string[]) => Promise<readonly KnownDevice[]>;
  use<Answer>(work: (sql: Sql) => Promise<Answer>): Promise<Answer>;
  close(): Promise<void>;
}

/** One connection and what it can be asked. */
export class DatabaseService implements Served<DatabaseThread> {
  readonly answers: Answers<DatabaseThread>;
  readonly #connection: Connection;

  private constructor(connection: Connection) {
    this.#connection = connection;
    this.answers = answersOf(connection);
  }

  /** Rejects with a GoshawkError that says what is wrong with the database. */
  static async open(
    { address, role }: ConnectionOptions,
    tell: (what: keyof DatabaseThread['notices']) => void,
  ): Promise<DatabaseService> {
    if (role === 'ingest') return new DatabaseService(await IngestConnection.open(address, () => Date.now()));
    if (role === 'reader') return new DatabaseService(new QuestionConnection(address));
    const options = { address, hash: sha256, nowMs: () => Date.now() };
    const leader = await Leader.open({
      ...options,
      onStandby: () => tell('standby'),
      onTaken: () => tell('taken'),
    });
    return new DatabaseService(leader);
  }

  close(): Promise<void> {
    return this.#connection.close();
  }
}

/** Asks, on a connection that is made anew where it went. */
class QuestionConnection implements Connection {
  readonly #address: DatabaseAddress;
  #session: Session | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(address: DatabaseAddress) {
    this.#address = address;
  }

  use<Answer>(work: (sql: Sql) => Promise<Answer>): Promise<Answer> {
    const answer = this.#turn.then(async () => {
      try {
        return await this.#ask(work).catch((error: unknown) => {
          // The connection may have gone while nothing was asked; a question can be asked twice.
          if (isAway(error)) return this.#ask(work);
          throw error;
        });
      } catch (error) {
        throw this.#explain(error);
      }
    });
    this.#turn = answer.catch(() => {});
    return answer;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#turn;
    await this.#session?.close();
  }

  async #ask<Answer>(work: (sql: Sql) => Promise<Answer>): Promise<Answer> {
    if (this.#closed) throw new CancelledError('The question');
    if (this.#session?.alive !== true) this.#session = await this.#open();
    return work(this.#session.sql);
  }

  async #open(): Promise<Session> {
    const session = await Session.open(this.#address, questions, {
      default_transaction_read_only: 'on',
      statement_timeout: 60_000,
    });
    try {
      const schema = await statedSchema(session.sql);
      if (schema !== undefined) refuseOtherSchema(schema, describeAddress(this.#address));
      return session;
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  #explain(error: unknown): GoshawkError {
    return explainPostgres(error, describeAddress(this.#address));
  }
}

function answersOf(connection: Connection): Answers<DatabaseThread> {
  const ask = <Answer>(question: (reader: Reader) => Promise<Answer>) =>
    connection.use((sql) => question(new Reader(sql, sha256)));
  const incidents = <Answer>(question: (reader: IncidentReader) => Promise<Answer>) =>
    connection.use((sql) => question(new IncidentReader(sql)));
  return {
    load: (since) => connection.use((sql) => loadFleet(sql, since)),
    commit: (commit) =>
      connection.commit?.(commit) ?? Promise.reject(new Error('This connection commits nothing.')),
    takeIngested: (after) => connection.use((sql) => takeIngested(sql, after)),
    tokens: () => connection.use(readTokens),
    hasDevice: (name) => connection.use((sql) => hasDevice(sql, name)),
    leaderUrl: () => connection.use(readLeaderUrl),
    announce: (url) => connection.use((sql) => announceLeader(sql, url)),
    repositories: () => connection.use(loadRepositories),
    saveRepository: (record) => connection.use((sql) => saveRepository(sql, record)),
    deleteRepository: (name) => connection.use((sql) => deleteRepository(sql, name)),
    hasListeners: () => connection.use(hasListeners),
    publish: (updates) => connection.use((sql) => publishUpdates(sql, updates)),
    ingest: (commit) => connection.ingest?.(commit) ?? Promise.reject(new Error('Not an ingest process.')),
    devices: (names) => connection.devices?.(names) ?? Promise.reject(new Error('Not an ingest process.')),
    retainStep: ({ retention, nowMs }) => connection.use((sql) => retainStep(sql, retention, nowMs)),
    metrics: (request) => ask((reader) => reader.metrics(request)),
    events: (query) => ask((reader) => reader.events(query)),
    driftIncidents: (query) => incidents((reader) => reader.driftIncidents(query)),
    driftIncident: (id) => incidents((reader) => reader.driftIncident(id)),
    driftHistory: ({ device, limit }) => incidents((reader) => reader.driftHistory(device, limit)),
    alerts: (query) => incidents((reader) => reader.alerts(query)),
    audit: (query) => ask((reader) => reader.audit(query)),
    checkAudit: () => ask((reader) => reader.checkAudit()),
    sizeBytes: () => connection.use(sizeBytes),
  };
}

async function sizeBytes(sql: Sql): Promise<number> {
  const row = await sql.get(
    `SELECT coalesce(sum(pg_total_relation_size(oid)), 0)::bigint AS bytes FROM pg_class
     WHERE relnamespace = 'goshawk'::regnamespace AND relkind = 'r'`,
  );
  return Number(row?.bytes ?? 0);
}
