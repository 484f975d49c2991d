import { InternalError } from '../../base/index.ts';
import type { Sql } from './sql.ts';

/** Numbers of devices, by name: kept while this connection is the only one that writes, and asked for once. */
export class DeviceNumbers {
  readonly #sql: Sql;
  readonly #known = new Map<string, number>();

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** Makes the devices that are not there. */
  async ensure(names: Iterable<string>): Promise<void> {
    const unknown = [...new Set(names)].filter((name) => !this.#known.has(name));
    if (unknown.length === 0) return;
    await this.#read(unknown);
    const missing = unknown.filter((name) => !this.#known.has(name));
    if (missing.length === 0) return;
    await this.#sql.run(
      'INSERT INTO device (name) SELECT * FROM unnest($1::text[]) ON CONFLICT DO NOTHING',
      missing,
    );
    await this.#read(missing);
  }

  /** Of a device that was ensured. */
  of(name: string): number {
    const number = this.#known.get(name);
    if (number === undefined)
      throw new InternalError('database-device', `The device ${name} has no number.`, '');
    return number;
  }

  /** For devices that may not exist; creates no row. */
  async known(names: Iterable<string>): Promise<ReadonlySet<string>> {
    const wanted = [...new Set(names)];
    await this.#read(wanted.filter((name) => !this.#known.has(name)));
    return new Set(wanted.filter((name) => this.#known.has(name)));
  }

  /** Of one that may not be there. */
  async find(name: string): Promise<number | undefined> {
    if (!this.#known.has(name)) await this.#read([name]);
    return this.#known.get(name);
  }

  forget(name: string): void {
    this.#known.delete(name);
  }

  clear(): void {
    this.#known.clear();
  }

  async #read(names: readonly string[]): Promise<void> {
    for (const { id, name } of await this.#sql.all(
      'SELECT id, name FROM device WHERE name = ANY ($1::text[])',
      names,
    ))
      this.#known.set(String(name), Number(id));
  }
}
