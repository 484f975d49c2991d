import type { Log, LogFields } from '../../src/base/index.ts';

type Line = readonly [level: 'debug' | 'info' | 'warn' | 'error', message: string, fields?: LogFields];

/** Keeps what was logged. */
export class RecordingLog implements Log {
  readonly lines: Line[] = [];

  debug(message: string, fields?: LogFields): void {
    this.#keep('debug', message, fields);
  }
  info(message: string, fields?: LogFields): void {
    this.#keep('info', message, fields);
  }
  warn(message: string, fields?: LogFields): void {
    this.#keep('warn', message, fields);
  }
  error(message: string, fields?: LogFields): void {
    this.#keep('error', message, fields);
  }
  child(): Log {
    return this;
  }

  /** Lines of one level: message and fields. */
  at(level: Line[0]): (readonly [string, LogFields | undefined])[] {
    return this.lines.filter((line) => line[0] === level).map(([, message, fields]) => [message, fields]);
  }

  #keep(level: Line[0], message: string, fields: LogFields | undefined): void {
    this.lines.push(fields === undefined ? [level, message] : [level, message, fields]);
  }
}
