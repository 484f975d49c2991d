import { type DestinationStream, type Logger, pino } from 'pino';
import pretty from 'pino-pretty';
import { GoshawkError, type Log, type LogFields, type LogLevel } from '../../base/index.ts';

export interface LogOptions {
  readonly level: LogLevel | 'silent';
  /** For a terminal: colours, one line per message. Otherwise one JSON object per line. */
  readonly pretty: boolean;
  /** Where lines go; standard error when absent, so that `--json` output on standard output stays clean. */
  readonly destination?: DestinationStream;
  /** On every line. */
  readonly fields?: LogFields;
}

const secret = ['password', 'token', 'secret', 'privateKey', 'authorization', 'credentials'];

export function createLog(options: LogOptions): Log {
  const destination =
    options.destination ??
    (options.pretty
      ? pretty({ destination: 2, sync: true, ignore: 'pid,hostname' })
      : pino.destination({ fd: 2, sync: true }));
  const logger = pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: secret.flatMap((name) => [name, `*.${name}`]), censor: '(secret)' },
    },
    destination,
  );
  return new PinoLog(options.fields === undefined ? logger : logger.child(plain(options.fields)));
}

class PinoLog implements Log {
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  debug(message: string, fields?: LogFields): void {
    this.#logger.debug(plain(fields), message);
  }

  info(message: string, fields?: LogFields): void {
    this.#logger.info(plain(fields), message);
  }

  warn(message: string, fields?: LogFields): void {
    this.#logger.warn(plain(fields), message);
  }

  error(message: string, fields?: LogFields): void {
    this.#logger.error(plain(fields), message);
  }

  child(fields: LogFields): Log {
    return new PinoLog(this.#logger.child(plain(fields)));
  }
}

/** Errors as code, message and remedy, causes too; bigint as text, which JSON has no word for. */
function plain(fields: LogFields = {}): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, plainValue(value)]));
}

function plainValue(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  return value instanceof Error ? plainError(value, 0) : value;
}

function plainError(error: Error, depth: number): Record<string, unknown> {
  return {
    name: error.name,
    message: error.message,
    ...(error instanceof GoshawkError ? { code: error.code, remedy: error.remedy } : { stack: error.stack }),
    ...(error.cause instanceof Error && depth < 4 ? { cause: plainError(error.cause, depth + 1) } : {}),
  };
}
