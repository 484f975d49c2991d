import { type DestinationStream, type Logger, pino } from 'pino';
import pretty from 'pino-pretty';
import { GoshawkError, type Log, type LogFields, type LogLevel, printable } from '../../base/index.ts';

export interface LogOptions {
  readonly level: LogLevel | 'silent';
  /** For a terminal: colours, one line per message. Otherwise one JSON object per line. */
  readonly pretty: boolean;
  /** Where lines go; standard error when absent, so that `--json` output on standard output stays clean. */
  readonly destination?: DestinationStream;
  /** On every line. */
  readonly fields?: LogFields;
  /** Gets each line too, as JSON. */
  readonly tap?: (line: string) => void;
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
    options.tap === undefined || options.level === 'silent'
      ? destination
      : pino.multistream([
          { level: options.level, stream: destination },
          { level: options.level, stream: { write: options.tap } },
        ]),
  );
  return new PinoLog(options.fields === undefined ? logger : logger.child(plain(options.fields)));
}

class PinoLog implements Log {
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  debug(message: string, fields?: LogFields): void {
    this.#logger.debug(plain(fields), printable(message));
  }

  info(message: string, fields?: LogFields): void {
    this.#logger.info(plain(fields), printable(message));
  }

  warn(message: string, fields?: LogFields): void {
    this.#logger.warn(plain(fields), printable(message));
  }

  error(message: string, fields?: LogFields): void {
    this.#logger.error(plain(fields), printable(message));
  }

  child(fields: LogFields): Log {
    return new PinoLog(this.#logger.child(plain(fields)));
  }
}

/**
 * Errors as code, message and remedy, causes too; bigint as text, which JSON has no word for. Names and messages come from
 * outside too: nothing in them steers the terminal of whoever reads the log, or begins a line.
 */
function plain(fields: LogFields = {}): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, plainValue(value, 0)]));
}

const deepest = 6;

function plainValue(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return printable(value);
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Error) return plainError(value, 0);
  if (typeof value !== 'object' || value === null || depth >= deepest) return value;
  if (Array.isArray(value)) return value.map((one) => plainValue(one, depth + 1));
  if (Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [printable(name), plainValue(one, depth + 1)]),
  );
}

function plainError(error: Error, depth: number): Record<string, unknown> {
  return {
    name: error.name,
    message: printable(error.message),
    ...(error instanceof GoshawkError
      ? { code: error.code, remedy: printable(error.remedy) }
      : { stack: printable(error.stack ?? '', { lines: true }) }),
    ...(error.cause instanceof Error && depth < 4 ? { cause: plainError(error.cause, depth + 1) } : {}),
  };
}
