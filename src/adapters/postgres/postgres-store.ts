import { InternalError } from '../../base/index.ts';
import {
  ConnectedStore,
  type FleetUpdate,
  type IngestCommit,
  type Ingested,
  type IngestedSource,
  type IngestResult,
  type IngestStore,
  type KnownDevice,
  type MetricRequest,
  type MetricResult,
  type ReadingStore,
  type RepositoryStore,
  type Store,
  type TokenRow,
  type UpdateChannel,
} from '../../controller/index.ts';
import { moduleUrl, WorkerHost } from '../../platform/index.ts';
import { checkDatabase } from './check.ts';
import { refuseOtherSchema, withoutFleet } from './prepare.ts';
import type { ConnectionOptions, DatabaseThread } from './service.ts';
import type { DatabaseAddress } from './session.ts';

export interface PostgresStoreOptions {
  readonly address: DatabaseAddress;
  /** Another controller has the database; `open` resolves when this one has it. */
  readonly onStandby?: () => void;
  /** Another controller has taken it over: this one can write nothing more and must end. */
  readonly onTaken?: () => void;
  /** Ends the waiting for its turn. */
  readonly signal?: AbortSignal;
}

type DatabaseConnection = Pick<WorkerHost<DatabaseThread>, 'call' | 'close'>;

/** The controller's store in PostgreSQL, a thread and a connection for writing and one for questions. */
export class PostgresStore extends ConnectedStore implements IngestedSource, UpdateChannel {
  readonly #leader: DatabaseConnection;

  constructor(leader: DatabaseConnection, reader: DatabaseConnection) {
    super(leader, reader);
    this.#leader = leader;
  }

  /** Makes the tables, and waits for its turn; rejects with a GoshawkError `database-...`. */
  static async open(options: PostgresStoreOptions): Promise<PostgresStore> {
    const { address } = options;
    const writer = await startThread({ address, role: 'writer' }, options);
    try {
      return new PostgresStore(writer, await startThread({ address, role: 'reader' }, options));
    } catch (error) {
      await writer.close();
      throw error;
    }
  }

  /** Where other processes reach this leader. */
  announce(url: string): Promise<void> {
    return this.#leader.call('announce', url);
  }

  hasListeners(): Promise<boolean> {
    return this.#leader.call('hasListeners');
  }

  /** Live updates for the readers of other processes. */
  publish(updates: readonly FleetUpdate[]): Promise<void> {
    return this.#leader.call('publish', updates);
  }

  takeIngested(after: number): Promise<Ingested> {
    return this.#leader.call('takeIngested', after);
  }

  /** The tables of the model registry, for the leader: a stopped one writes no more. */
  get repositories(): RepositoryStore {
    const leader = this.#leader;
    return {
      load: async () => ({ records: await leader.call('repositories'), faults: [] }),
      save: (record) => leader.call('saveRepository', record),
      delete: (name) => leader.call('deleteRepository', name),
    };
  }
}

/** The database as an ingest process has it: a thread with a connection that adds to what others write. */
export class PostgresIngestStore implements IngestStore {
  readonly #connection: DatabaseConnection;

  constructor(connection: DatabaseConnection) {
    this.#connection = connection;
  }

  /** Rejects with a GoshawkError `database-...`. */
  static async open(options: Pick<PostgresStoreOptions, 'address' | 'signal'>): Promise<PostgresIngestStore> {
    return new PostgresIngestStore(await startThread({ address: options.address, role: 'ingest' }, options));
  }

  devices(names: readonly string[]): Promise<readonly KnownDevice[]> {
    return this.#connection.call('devices', names);
  }

  commit(commit: IngestCommit): Promise<IngestResult> {
    return this.#connection.call('ingest', commit);
  }

  close(): Promise<void> {
    return this.#connection.close();
  }
}

/** The database as a process with the role api has it: a thread with a connection that only asks. */
export class PostgresReadingStore implements ReadingStore {
  readonly #connection: DatabaseConnection;

  private constructor(connection: DatabaseConnection) {
    this.#connection = connection;
  }

  /** Rejects with a GoshawkError `database-...`. */
  static async open(
    options: Pick<PostgresStoreOptions, 'address' | 'signal'>,
  ): Promise<PostgresReadingStore> {
    const { schema, where } = await checkDatabase(options.address);
    if (schema === undefined) throw withoutFleet(where);
    refuseOtherSchema(schema, where);
    return new PostgresReadingStore(await startThread({ address: options.address, role: 'reader' }, options));
  }

  metrics(request: MetricRequest): Promise<MetricResult> {
    return this.#connection.call('metrics', request);
  }

  events(query: Parameters<Store['events']>[0]): ReturnType<Store['events']> {
    return this.#connection.call('events', query);
  }

  tokens(): Promise<readonly TokenRow[]> {
    return this.#connection.call('tokens');
  }

  hasDevice(name: string): Promise<boolean> {
    return this.#connection.call('hasDevice', name);
  }

  leaderUrl(): Promise<string | undefined> {
    return this.#connection.call('leaderUrl');
  }

  close(): Promise<void> {
    return this.#connection.close();
  }
}

/** A thread with one connection; rejects with what is wrong with the database. */
async function startThread(
  data: ConnectionOptions,
  { onStandby, onTaken, signal }: PostgresStoreOptions,
): Promise<WorkerHost<DatabaseThread>> {
  const host = new WorkerHost<DatabaseThread>({
    module: moduleUrl('./worker', import.meta.url),
    name: `database-${data.role}`,
    data,
    what: 'The work of the database',
    death: (why, cause) =>
      new InternalError(
        'database-thread',
        `The database thread is gone: ${why}.`,
        'Restart the controller; all data that it acknowledged is stored.',
        { cause },
      ),
    onNotice: { standby: () => onStandby?.(), taken: () => onTaken?.() },
  });
  const stop = () => void host.terminate();
  signal?.addEventListener('abort', stop);
  try {
    if (signal?.aborted) stop();
    await host.ready;
    return host;
  } catch (error) {
    await host.terminate();
    throw error;
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}
