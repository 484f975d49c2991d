import {
  describeError,
  GoshawkError,
  InputError,
  InternalError,
  LimitError,
  MissingError,
  RefusedError,
} from '../../base/index.ts';

/** The server is not there, or the connection went. */
const networkCodes = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'ENOENT', 'ENOTFOUND', 'EAI_AGAIN', 'EPIPE'],
  ...['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN'],
]);
/** SQLSTATE of a server that starts, stops, ends a session, or has no place for another. */
const awayStates = new Set(['57P01', '57P02', '57P03', '57P05', '25P03', '53300']);

/** Whether the same statement may succeed on a new connection. */
export function isAway(error: unknown): boolean {
  const code = codeOf(error);
  if (networkCodes.has(code) || awayStates.has(code) || code.startsWith('08')) return true;
  // node-postgres gives these without a code.
  return (
    code === '' &&
    error instanceof Error &&
    /^(Connection terminated|timeout expired|Client has encountered a connection error|Client was closed|Connection ended)/.test(
      error.message,
    )
  );
}

/** A deadlock with another writer, or a state that it changed: the same work may succeed at once. */
export function isCollision(error: unknown): boolean {
  return ['40P01', '40001'].includes(codeOf(error));
}

/** What PostgreSQL said, in words that lead somewhere. `where`: server and database, without a secret. */
export function explainPostgres(error: unknown, where: string): GoshawkError {
  if (error instanceof GoshawkError) return error;
  const options = { cause: error };
  const said = describeError(error) || codeOf(error);
  const code = codeOf(error);
  if (isAway(error))
    return new MissingError(
      'database-away',
      `The database ${where} can't be reached: ${said}.`,
      'Start PostgreSQL, or check database.url; the controller tries again, and devices keep what is not stored.',
      options,
    );
  if (code.startsWith('28'))
    return new RefusedError(
      'database-credentials',
      `The database ${where} does not let this controller in: ${said}.`,
      'Check the user in database.url, database.passwordFile or the certificate, and pg_hba.conf.',
      options,
    );
  if (code === '3D000')
    return new MissingError(
      'database-unknown',
      `The server has no such database: ${where}.`,
      'Create it: createdb --owner=<user> <database>.',
      options,
    );
  if (code === '42501')
    return new RefusedError(
      'database-rights',
      `The database ${where} refuses the user of this controller: ${said}.`,
      'Make the user the owner of the database, so that it can create the schema goshawk.',
      options,
    );
  if (code === '53100' || code === '53200')
    return new LimitError(
      'database-full',
      `The server of the database ${where} has no room: ${said}.`,
      'Free space there or shorten the retention. Devices keep their data until the controller takes it again.',
      options,
    );
  if (code === '25006')
    return new RefusedError(
      'database-readonly',
      `The database ${where} can't be written: ${said}.`,
      'Name the primary server in database.url, not a standby of PostgreSQL.',
      options,
    );
  if (isTlsFault(error))
    return new InputError(
      'database-tls',
      `TLS with the database ${where} failed: ${said}.`,
      'Give database.caFile the authority that signed the server, and the name in its certificate in database.url; only on a trusted network set database.tls to "off".',
      options,
    );
  if (code.startsWith('XX') || error instanceof RangeError)
    return new GoshawkError(
      'database-corrupt',
      `The database ${where} is damaged: ${said}.`,
      'Restore a backup of the database; see the log of PostgreSQL.',
      options,
    );
  return new InternalError(
    'database-failed',
    `The database ${where} refused: ${said}.`,
    'Report this as a defect of Goshawk.',
    options,
  );
}

function codeOf(error: unknown): string {
  const code = (error as { readonly code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : '';
}

function isTlsFault(error: unknown): boolean {
  const code = codeOf(error);
  return (
    /^(ERR_TLS|ERR_SSL|CERT_|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|HOSTNAME_MISMATCH)/.test(code) ||
    (error instanceof Error && error.message.startsWith('The server does not support SSL'))
  );
}
