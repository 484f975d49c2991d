import type { StatementSyncInstance } from '@photostructure/sqlite';
import { type Database, inTransaction } from '../../platform/index.ts';

export type Value = string | number | null | Uint8Array;
export type Row = Readonly<Record<string, Value>>;

/** Prepared once, used often. */
export class Statements {
  readonly #db: Database;
  readonly #prepared = new Map<string, StatementSyncInstance>();

  constructor(db: Database) {
    this.#db = db;
  }

  get(sql: string, ...values: Value[]): Row | undefined {
    return this.#prepare(sql).get(...values) as Row | undefined;
  }

  all(sql: string, ...values: Value[]): Row[] {
    return this.#prepare(sql).all(...values) as Row[];
  }

  iterate(sql: string, ...values: Value[]): Iterable<Row> {
    return this.#prepare(sql).iterate(...values) as Iterable<Row>;
  }

  /** Rows that were changed. */
  run(sql: string, ...values: Value[]): number {
    return this.#prepare(sql).run(...values).changes;
  }

  /** Rowid of the row that was inserted. */
  insert(sql: string, ...values: Value[]): number {
    return Number(this.#prepare(sql).run(...values).lastInsertRowid);
  }

  /** All of `work` or nothing of it. */
  transaction<Result>(work: () => Result): Result {
    return inTransaction(this.#db, work);
  }

  #prepare(sql: string): StatementSyncInstance {
    let statement = this.#prepared.get(sql);
    if (statement === undefined) {
      statement = this.#db.prepare(sql);
      this.#prepared.set(sql, statement);
    }
    return statement;
  }
}
