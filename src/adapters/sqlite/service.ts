import { createHash } from 'node:crypto';
import { explainSqlite } from './faults.ts';
import { loadFleet } from './loader.ts';
import type { Request, WorkerSetup } from './messages.ts';
import { claim, openForReading, openForWriting } from './open.ts';
import { Reader } from './reader.ts';
import { retainStep } from './retention.ts';
import { Statements } from './statements.ts';
import { IncidentReader } from './watch-reader.ts';
import { Writer } from './writer.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** One connection and what it can be asked; synchronous, so it belongs on a thread of its own. */
export class DatabaseService {
  readonly #file: string;
  #claim: ReturnType<typeof claim> | undefined;
  readonly #db: ReturnType<typeof openForWriting>;
  readonly #sql: Statements;
  readonly #writer: Writer;
  readonly #reader: Reader;
  readonly #watch: IncidentReader;

  /** Throws a GoshawkError that says what is wrong with the file. */
  constructor({ file, role, maxPages }: WorkerSetup) {
    this.#file = file;
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
    this.#sql = new Statements(this.#db);
    this.#writer = new Writer(this.#sql, sha256);
    this.#reader = new Reader(this.#sql, sha256);
    this.#watch = new IncidentReader(this.#sql);
  }

  /** Throws GoshawkErrors alone. */
  answer(request: Request): unknown {
    try {
      return this.#answer(request);
    } catch (error) {
      throw explainSqlite(error, this.#file);
    }
  }

  #answer(request: Request): unknown {
    switch (request.op) {
      case 'load':
        return loadFleet(this.#sql, request.since);
      case 'commit':
        return this.#writer.commit(request.commit);
      case 'retain-step':
        return retainStep(this.#sql, request.retention, request.nowMs);
      case 'metrics':
        return this.#reader.metrics(request.request);
      case 'events':
        return this.#reader.events(request.query);
      case 'drift-incidents':
        return this.#watch.driftIncidents(request.query);
      case 'drift-incident':
        return this.#watch.driftIncident(request.id);
      case 'drift-history':
        return this.#watch.driftHistory(request.device, request.limit);
      case 'alerts':
        return this.#watch.alerts(request.query);
      case 'audit':
        return this.#reader.audit(request.before, request.limit);
      case 'check-audit':
        return this.#reader.checkAudit();
      case 'size':
        return this.#sizeBytes();
      case 'close':
        return this.#close();
    }
  }

  #close(): void {
    this.#db.close();
    this.#claim?.close();
  }

  #sizeBytes(): number {
    const row = this.#sql.get(
      'SELECT page_count * page_size AS bytes FROM pragma_page_count, pragma_page_size',
    );
    return Number(row?.bytes ?? 0);
  }
}
