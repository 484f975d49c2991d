import pg from 'pg';
import { RefusedError } from '../../base/index.ts';
import { explainPostgres } from './faults.ts';
import { Sql } from './sql.ts';

/** Where the database is and who asks; everything crosses to a thread. */
export interface DatabaseAddress {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password?: string;
  /** PEM texts; absent: no TLS. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
}

/** The oldest PostgreSQL that the tests run on. */
const oldestServer = 150_000;

/**
 * The server ends a session of ours that says nothing for so long. It so ends the one of a controller that was stopped or
 * cut off: its lock is free then, and when it wakes up it has no session to write with.
 */
export const idleMs = 15_000;

const settings: Readonly<Record<string, string | number>> = {
  // Keepalives of the server: a peer that went without a word is noticed in 20 s, not in two hours.
  ...{ tcp_keepalives_idle: 10, tcp_keepalives_interval: 5, tcp_keepalives_count: 2 },
  ...{ client_min_messages: 'warning', search_path: 'goshawk' },
  synchronous_commit: 'on',
};

/** For messages: never with the password. */
export function describeAddress({ host, port, database }: DatabaseAddress): string {
  return host.startsWith('/') ? `${database} at ${host}` : `${database} at ${host}:${port}`;
}

/** One connection that was made and greeted. */
export class Session {
  readonly sql: Sql;
  readonly #client: pg.Client;
  #ended = false;

  private constructor(client: pg.Client) {
    this.#client = client;
    this.sql = new Sql(client);
    // An idle connection that breaks reports it only here.
    client.on('error', () => {
      this.#ended = true;
    });
    client.on('end', () => {
      this.#ended = true;
    });
  }

  /** Rejects with a GoshawkError. `idleMs`: the server ends it when it says nothing for so long. */
  static async open(
    address: DatabaseAddress,
    name: string,
    more: Readonly<Record<string, string | number>> = {},
  ) {
    const { tls, ...where } = address;
    const options = Object.entries({ ...settings, ...more }).map(([key, value]) => `-c ${key}=${value}`);
    const client = new pg.Client({
      ...where,
      application_name: name,
      connectionTimeoutMillis: 10_000,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      options: options.join(' '),
      ssl: tls === undefined ? false : { ...tls, rejectUnauthorized: true, minVersion: 'TLSv1.2' },
    });
    const session = new Session(client);
    try {
      await client.connect();
      const row = await session.sql.get(
        `SELECT current_setting('server_version_num')::int AS number, current_setting('server_version') AS version`,
      );
      if (Number(row?.number) < oldestServer)
        throw new RefusedError(
          'database-version',
          `The database ${describeAddress(address)} is PostgreSQL ${row?.version}; version 15 or later is needed.`,
          'Upgrade the server; Debian 13 has PostgreSQL 17.',
        );
      return session;
    } catch (error) {
      await session.close();
      throw explainPostgres(error, describeAddress(address));
    }
  }

  /** Hears what is notified on channels that it listens to. */
  onNotice(listener: (text: string) => void): void {
    this.#client.on('notification', ({ payload }) => listener(payload ?? ''));
  }

  onEnd(listener: () => void): void {
    this.#client.once('end', listener);
  }

  get alive(): boolean {
    return !this.#ended;
  }

  async close(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    await this.#client.end().catch(() => {});
  }
}
