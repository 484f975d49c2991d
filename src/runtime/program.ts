import type { LogLevel } from '../base/index.ts';

/** How a program that runs until it is stopped is started. */
export interface ProgramOptions {
  /** Settings as YAML or JSON. Undefined: they come from the environment alone. */
  readonly configFile: string | undefined;
  readonly logLevel: LogLevel;
  /** A line for a person instead of JSON. */
  readonly prettyLog: boolean;
  /** Ends it. */
  readonly signal: AbortSignal;
}
