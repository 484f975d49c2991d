export type LogFields = Readonly<Record<string, unknown>>;

/** From where on a log writes its lines; no line is `fatal`: what ends a program it says by itself. */
export const logLevels = ['debug', 'info', 'warn', 'error', 'fatal'] as const;
export type LogLevel = (typeof logLevels)[number];

/**
 * Levels answer two questions, for whom and how bad: `error` a person must act, `warn` a person should look,
 * `info` a change of state an operator wants to see, `debug` for us. Never a secret, never a whole payload.
 */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** The same log with these fields on every line. */
  child(fields: LogFields): Log;
}

export const silentLog: Log = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  child: () => silentLog,
};
