import { RefusedError } from '../../base/index.ts';
import { explainPostgres } from './faults.ts';
import { refuseNewerSchema, statedSchema } from './prepare.ts';
import { type DatabaseAddress, describeAddress, Session } from './session.ts';

export interface CheckedDatabase {
  readonly where: string;
  readonly server: string;
  /** Absent: the first start makes the tables. */
  readonly schema?: number;
}

/** Whether a controller could start with it: reachable, authorized, of a known schema, may make tables. Only reads. */
export async function checkDatabase(address: DatabaseAddress): Promise<CheckedDatabase> {
  const where = describeAddress(address);
  const session = await Session.open(address, 'goshawk check', { default_transaction_read_only: 'on' });
  try {
    const { sql } = session;
    const row = await sql.get(
      `SELECT current_setting('server_version') AS version, pg_is_in_recovery() AS standby,
         has_database_privilege(current_database(), 'CREATE') AS may_create`,
    );
    const schema = await statedSchema(sql);
    if (row?.standby === true)
      throw new RefusedError(
        'database-readonly',
        `The database ${where} can't be written: it is a standby of another server.`,
        'Name the primary server in database.url, not a standby of PostgreSQL.',
      );
    if (schema !== undefined) refuseNewerSchema(schema, where);
    else if (row?.may_create !== true)
      throw new RefusedError(
        'database-rights',
        `The database ${where} refuses the user of this controller: it may not create a schema.`,
        'Make the user the owner of the database, so that it can create the schema goshawk.',
      );
    return { where, server: String(row?.version), ...(schema === undefined ? {} : { schema }) };
  } catch (error) {
    throw explainPostgres(error, where);
  } finally {
    await session.close();
  }
}
