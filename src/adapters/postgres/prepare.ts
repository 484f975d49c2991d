import { RefusedError } from '../../base/index.ts';
import { ensurePartitions } from './partitions.ts';
import { schemaVersion, steps, tables } from './schema.ts';
import type { Sql } from './sql.ts';

/** Held by who changes the tables alone, and by who writes together: nothing is written into tables of another version. */
const schemaLock = `hashtextextended('goshawk schema', 0)`;

/**
 * Makes the tables of an empty database, and brings those of an older version to this one: the leader alone does so.
 * RefusedError `database-schema` for tables of a newer version.
 */
export async function prepareSchema(sql: Sql, where: string, nowMs: number): Promise<void> {
  const version = await statedSchema(sql);
  if (version === undefined)
    await sql.transaction(async () => {
      await sql.run('CREATE SCHEMA IF NOT EXISTS goshawk');
      await sql.run(tables);
    });
  else if (version < schemaVersion) await migrate(sql, version);
  else refuseOtherSchema(version, where);
  if ((await transferState(sql)) === 'begun')
    throw new RefusedError(
      'database-half',
      `The database ${where} is half migrated.`,
      'Run goshawk controller migrate again; it continues where it was interrupted.',
    );
  await ensurePartitions(sql, nowMs);
}

async function migrate(sql: Sql, from: number): Promise<void> {
  await sql.transaction(async () => {
    await sql.run(`SELECT pg_advisory_xact_lock(${schemaLock})`);
    for (const step of steps.slice(from - 1)) await sql.run(step);
    await sql.all(`UPDATE goshawk.state SET value = $1 WHERE name = 'schema'`, schemaVersion);
  });
  // Who reads connects again, and sees then which version it is.
  await sql.run(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE usename = current_user AND datname = current_database() AND application_name = '${questions}'`,
  );
}

/** Name of the sessions that read. */
export const questions = 'goshawk questions';

/** In a transaction that writes, before it does: until its end the tables are of this version. */
export async function holdSchema(sql: Sql, where: string): Promise<void> {
  await sql.run(`SELECT pg_advisory_xact_lock_shared(${schemaLock})`);
  refuseOtherSchema((await statedSchema(sql)) ?? 0, where);
}

/** The schema that the database states; undefined: it has no tables of ours. */
export async function statedSchema(sql: Sql): Promise<number | undefined> {
  const there = await sql.get(`SELECT to_regclass('goshawk.state') IS NOT NULL AS there`);
  if (there?.there !== true) return undefined;
  return Number((await sql.get(`SELECT value FROM goshawk.state WHERE name = 'schema'`))?.value);
}

export function withoutFleet(where: string): RefusedError {
  return new RefusedError(
    'database-empty',
    `The database ${where} has no fleet yet.`,
    'Start a controller with the role control first; it makes the tables.',
  );
}

/** For who brings an older one to this version. */
export function refuseNewerSchema(version: number, where: string): void {
  if (version > schemaVersion) refuseOtherSchema(version, where);
}

export function refuseOtherSchema(version: number, where: string): void {
  if (version === schemaVersion) return;
  if (version < schemaVersion)
    throw new RefusedError(
      'database-older',
      `The database ${where} has schema ${version}, and this version of Goshawk reads schema ${schemaVersion}.`,
      'Start a controller of this version with the role control; it brings the tables to this version when it leads.',
    );
  throw new RefusedError(
    'database-schema',
    `The database ${where} has schema ${version}, and this version of Goshawk reads schema ${schemaVersion}.`,
    'Update this process to the version that wrote it, or name another database in database.url.',
  );
}

/** Whether a fleet's database is on its way into this one. */
export async function transferState(sql: Sql): Promise<'begun' | undefined> {
  const there = await sql.get(`SELECT to_regclass('goshawk.transfer') IS NOT NULL AS there`);
  return there?.there === true ? 'begun' : undefined;
}
