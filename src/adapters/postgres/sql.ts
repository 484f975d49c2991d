import pg from 'pg';

export type Value =
  | string
  | number
  | boolean
  | null
  | Uint8Array
  | readonly (string | number | boolean | null)[];
export type Row = Readonly<Record<string, unknown>>;

/** Numbers of the database are numbers: none of ours is beyond 2^53. */
const types = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format),
} as pg.CustomTypesConfig;

/** Statements on one connection, one after the other. */
export class Sql {
  readonly #client: Pick<pg.ClientBase, 'query'>;

  constructor(client: Pick<pg.ClientBase, 'query'>) {
    this.#client = client;
  }

  async all(text: string, ...values: Value[]): Promise<Row[]> {
    return (await this.#query(text, values)).rows as Row[];
  }

  async get(text: string, ...values: Value[]): Promise<Row | undefined> {
    return (await this.all(text, ...values))[0];
  }

  /** Rows that were changed. */
  async run(text: string, ...values: Value[]): Promise<number> {
    return (await this.#query(text, values)).rowCount ?? 0;
  }

  /** All of `work` or nothing of it. */
  async transaction<Result>(work: () => Promise<Result>): Promise<Result> {
    await this.run('BEGIN');
    try {
      const result = await work();
      await this.run('COMMIT');
      return result;
    } catch (error) {
      // Without a connection the server rolls back.
      await this.run('ROLLBACK').catch(() => {});
      throw error;
    }
  }

  #query(text: string, values: readonly Value[]): Promise<pg.QueryResult> {
    return this.#client.query({ text, values: values.map(parameter), types });
  }
}

/** PostgreSQL's texts hold every character but one. */
function parameter(value: Value): unknown {
  if (typeof value === 'string') return value.replaceAll('\0', '\uFFFD');
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  if (Array.isArray(value))
    return value.map((one) => (typeof one === 'string' ? one.replaceAll('\0', '\uFFFD') : one));
  return value;
}
