import { RefusedError } from '../../base/index.ts';
import { ensurePartitions } from './partitions.ts';
import { schemaVersion, tables } from './schema.ts';
import type { Sql } from './sql.ts';

/** Makes the tables of an empty database. RefusedError `database-schema` for tables of another version. */
export async function prepareSchema(sql: Sql, where: string, nowMs: number): Promise<void> {
  const version = await statedSchema(sql);
  if (version === undefined)
    await sql.transaction(async () => {
      await sql.run('CREATE SCHEMA IF NOT EXISTS goshawk');
      await sql.run(tables);
    });
  else refuseOtherSchema(version, where);
  if ((await transferState(sql)) === 'begun')
    throw new RefusedError(
      'database-half',
      `The database ${where} is half migrated.`,
      'Run goshawk controller migrate again; it continues where it was interrupted.',
    );
  await ensurePartitions(sql, nowMs);
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

export function refuseOtherSchema(version: number, where: string): void {
  if (version === schemaVersion) return;
  throw new RefusedError(
    'database-schema',
    `The database ${where} has schema ${version}, and this version of Goshawk reads schema ${schemaVersion}.`,
    'Run the version of Goshawk that wrote it, or name another database in database.url.',
  );
}

/** Whether a fleet's database is on its way into this one. */
export async function transferState(sql: Sql): Promise<'begun' | undefined> {
  const there = await sql.get(`SELECT to_regclass('goshawk.transfer') IS NOT NULL AS there`);
  return there?.there === true ? 'begun' : undefined;
}
