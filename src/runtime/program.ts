import type { LogLevel } from '../base/index.ts';

/** How a program that runs until it is stopped is started. */
export interface ProgramOptions {
  /** Settings as JSON. */
  readonly configFile: string;
  readonly logLevel: LogLevel;
  /** A line for a person instead of JSON. */
  readonly prettyLog: boolean;
  /** Ends it. */
  readonly signal: AbortSignal;
}
