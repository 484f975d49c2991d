import { describeError, type Log } from '../../base/index.ts';
import type { FleetUpdate } from '../../controller/index.ts';
import { NoticeReader, noticesOf } from './notices.ts';
import { type DatabaseAddress, Session } from './session.ts';
import type { Sql } from './sql.ts';

const channel = 'goshawk_updates';
const listenerName = 'goshawk updates';
const againMs = 2_000;

export interface UpdatesListenerOptions {
  readonly address: DatabaseAddress;
  readonly log: Log;
  readonly onUpdates: (updates: readonly FleetUpdate[]) => void;
  /** Updates may be missing: followers have to read everything again. */
  readonly onGap: () => void;
}

/** Hears what the leader publishes, on a connection that is made anew where it went. */
export class UpdatesListener {
  readonly #options: UpdatesListenerOptions;
  #session: Session | undefined;
  #retry: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: UpdatesListenerOptions) {
    this.#options = options;
  }

  start(): void {
    void this.#listen();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#retry);
    await this.#session?.close();
  }

  async #listen(): Promise<void> {
    const { address, log, onUpdates, onGap } = this.#options;
    const reader = new NoticeReader();
    try {
      const session = await Session.open(address, listenerName);
      this.#session = session;
      session.onNotice((text) => {
        const whole = reader.read(text);
        if (whole !== undefined) onUpdates(JSON.parse(whole) as FleetUpdate[]);
      });
      session.onEnd(() => {
        if (this.#closed) return;
        onGap();
        this.#later();
      });
      await session.sql.run(`LISTEN ${channel}`);
      if (this.#closed) await session.close();
    } catch (error) {
      log.warn('Live updates are not heard; trying again', { reason: describeError(error) });
      this.#later();
    }
  }

  #later(): void {
    if (this.#closed) return;
    this.#retry = setTimeout(() => void this.#listen(), againMs);
  }
}

export async function hasListeners(sql: Sql): Promise<boolean> {
  const row = await sql.get(
    'SELECT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = $1 AND datname = current_database()) AS there',
    listenerName,
  );
  return row?.there === true;
}

let published = 0;

export async function publishUpdates(sql: Sql, updates: readonly FleetUpdate[]): Promise<void> {
  published += 1;
  await sql.run(
    'SELECT pg_notify($1, part) FROM unnest($2::text[]) AS part',
    ...[channel, noticesOf(published, JSON.stringify(updates))],
  );
}
