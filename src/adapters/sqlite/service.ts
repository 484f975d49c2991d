import { createHash } from 'node:crypto';
import type { StoreCalls } from '../../controller/index.ts';
import type { Answers, Database, Served, ThreadContract } from '../../platform/index.ts';
import { IncidentReader } from './incident-reader.ts';
import { loadFleet } from './loader.ts';
import { claim, openForReading, openForWriting } from './open.ts';
import { Reader } from './reader.ts';
import { retainStep } from './retention.ts';
import { Statements } from './statements.ts';
import { Writer } from './writer.ts';

export interface ConnectionOptions {
  readonly file: string;
  readonly role: 'writer' | 'reader';
  /** Tests fill the database up with it. */
  readonly maxPages?: number;
}

export interface DatabaseThread extends ThreadContract {
  readonly data: ConnectionOptions;
  readonly calls: StoreCalls;
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** One connection and what it can be asked; synchronous, so it belongs on a thread of its own. */
export class DatabaseService implements Served<DatabaseThread> {
  readonly answers: Answers<DatabaseThread>;
  readonly #claim: Database | undefined;
  readonly #db: Database;

  /** Throws a GoshawkError that says what is wrong with the file. */
  constructor({ file, role, maxPages }: ConnectionOptions) {
    if (role === 'reader') this.#db = openForReading(file);
    else {
      this.#claim = claim(file);
      try {
        this.#db = openForWriting(file);
      } catch (error) {
        this.#claim.close();
        throw error;
      }
    }
    if (maxPages !== undefined) this.#db.exec(`PRAGMA max_page_count = ${maxPages}`);
    this.answers = answersOf(new Statements(this.#db));
  }

  close(): void {
    this.#db.close();
    this.#claim?.close();
  }
}

function answersOf(sql: Statements): Answers<DatabaseThread> {
  const writer = new Writer(sql, sha256);
  const reader = new Reader(sql, sha256);
  const incidents = new IncidentReader(sql);
  return {
    load: (since) => loadFleet(sql, since),
    commit: (commit) => writer.commit(commit),
    retainStep: ({ retention, nowMs }) => retainStep(sql, retention, nowMs),
    metrics: (request) => reader.metrics(request),
    events: (query) => reader.events(query),
    driftIncidents: (query) => incidents.driftIncidents(query),
    driftIncident: (id) => incidents.driftIncident(id),
    driftHistory: ({ device, limit }) => incidents.driftHistory(device, limit),
    alerts: (query) => incidents.alerts(query),
    audit: (query) => reader.audit(query),
    checkAudit: () => reader.checkAudit(),
    sizeBytes: () =>
      Number(
        sql.get('SELECT page_count * page_size AS bytes FROM pragma_page_count, pragma_page_size')?.bytes ??
          0,
      ),
  };
}
