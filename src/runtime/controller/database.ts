import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { DatabaseAddress } from '../../adapters/postgres/index.ts';
import { SqliteStore } from '../../adapters/sqlite/index.ts';
import { defined, GoshawkError, InputError, type Log } from '../../base/index.ts';
import type { IngestedSource, RepositoryStore, Store, UpdateChannel } from '../../controller/index.ts';
import { pem } from '../settings/connect.ts';
import type { ControllerSettings } from '../settings/controller.ts';
import type { DatabaseSetting } from '../settings/database.ts';
import { readSecret } from '../settings/read.ts';
import { databaseName } from './backup/manifest.ts';

/** What becomes of a controller that shares its database with others. */
export interface TurnHooks {
  /** Another one has the database: this one waits for its turn. */
  readonly onStandby?: () => void;
  /** Another one has taken the database over: this one must end. */
  readonly onTaken?: () => void;
  /** Ends the waiting. */
  readonly signal?: AbortSignal;
}

export interface OpenedStore {
  readonly store: Store;
  /** Of a database that other processes can share: what they leave for the leader, and how it reaches them. */
  readonly shared?: IngestedSource &
    UpdateChannel & { announce(url: string): Promise<void>; readonly repositories: RepositoryStore };
}

/** SQLite in the data folder, or PostgreSQL where the settings name one. */
export async function openStore(
  { dataDir, database }: Pick<ControllerSettings, 'dataDir' | 'database'>,
  hooks: TurnHooks = {},
): Promise<OpenedStore> {
  if (database === undefined) return { store: await SqliteStore.open({ file: join(dataDir, databaseName) }) };
  const address = await databaseAddress(database);
  // Loaded where it is used.
  const { PostgresStore } = await import('../../adapters/postgres/index.ts');
  const store = await PostgresStore.open({ address, ...hooks });
  return { store, shared: store };
}

/** Codes for a database that has not the tables of this version yet. */
const unmade: ReadonlySet<string> = new Set(['database-empty', 'database-older']);

/** Opens a database whose tables a leader makes: the processes of a fleet may start in any order. */
export async function whenMade<Opened>(
  open: () => Promise<Opened>,
  { log, signal }: { readonly log: Log; readonly signal: AbortSignal },
): Promise<Opened> {
  for (let told = false; ; told = true)
    try {
      return await open();
    } catch (error) {
      if (!(error instanceof GoshawkError) || !unmade.has(error.code)) throw error;
      if (!told)
        log.info('Waits for a controller with the role control to make the tables', { code: error.code });
      await pause(1_000, undefined, { signal });
    }
}

/** A newer version of Goshawk has changed the tables: this one can't read them any more. */
export function isOutdated(error: unknown): error is GoshawkError {
  return error instanceof GoshawkError && error.code === 'database-schema';
}

/** Of a process with roles, which `rolesOf` refuses without a database. */
export function neededDatabase({ database }: Pick<ControllerSettings, 'database'>): DatabaseSetting {
  if (database === undefined) throw invalid('it is absent.', 'Name a PostgreSQL in database.url.');
  return database;
}

/** Reads the files that the setting names. */
export async function databaseAddress(setting: DatabaseSetting): Promise<DatabaseAddress> {
  const { caFile, certFile, keyFile, passwordFile } = setting;
  const where = parseUrl(setting.url);
  const password = passwordFile === undefined ? undefined : await readSecret(passwordFile);
  if ((certFile === undefined) !== (keyFile === undefined))
    throw invalid('certFile and keyFile belong together.', 'Give both or none of them.');
  const text = async (path: string | undefined) =>
    path === undefined ? undefined : Buffer.from(await pem(path)).toString('utf8');
  const tls = defined({ ca: await text(caFile), cert: await text(certFile), key: await text(keyFile) });
  const withTls = setting.tls === 'verify' && (!isHere(where.host) || caFile !== undefined);
  return { ...where, ...defined({ password }), ...(withTls ? { tls } : {}) };
}

function parseUrl(text: string): Pick<DatabaseAddress, 'host' | 'port' | 'database' | 'user'> {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw invalid('url is not an address.', 'Write postgres://user@host:5432/database.');
  }
  if (url.password !== '')
    throw invalid(
      'url holds a password.',
      'Put the password alone into a file and name it in database.passwordFile.',
    );
  const unknown = [...url.searchParams.keys()].find((key) => key !== 'host' && key !== 'user');
  if (unknown !== undefined)
    throw invalid(
      `url has the unknown parameter ${unknown}.`,
      'Use the parameters host and user only; TLS has separate settings.',
    );
  const host = url.searchParams.get('host') ?? url.hostname.replace(/^\[(.*)\]$/, '$1');
  const user = url.searchParams.get('user') ?? decodeURIComponent(url.username);
  const database = decodeURIComponent(url.pathname.slice(1));
  if (host === '' || user === '' || database === '')
    throw invalid(
      'url lacks its host, its user or its database.',
      'Write postgres://user@host:5432/database.',
    );
  return { host, port: url.port === '' ? 5432 : Number(url.port), database, user };
}

/** A socket, or this machine by its loopback: nothing is on a network. */
function isHere(host: string): boolean {
  return host.startsWith('/') || host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

function invalid(what: string, remedy: string): InputError {
  return new InputError('settings-invalid', `database: ${what}`, remedy);
}
