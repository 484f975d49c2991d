import type { Log } from '../base/index.ts';
import type { StartProgress } from '../runtime/index.ts';

/** What a piece of work at the workbench gets beside its options. */
export interface WorkPorts {
  /** Warnings are for whoever waits for the result. */
  readonly log: Log;
  readonly startProgress: StartProgress;
  /** Ends the work. */
  readonly signal: AbortSignal;
}
