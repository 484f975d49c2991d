import type { EngineName } from '../../model/index.ts';
import type { AgentEvent } from '../event-reporter.ts';

/** Instead of a signal: the process had to end because the engine could not work in it any more. */
export const lostMark = 'lost';

/** Engines run inside the agent's process, so one that crashes takes the agent with it. */
export interface EngineCrash {
  readonly engine: EngineName;
  /** E.g. `SIGSEGV`; or `lost`. */
  readonly signal: string;
  /** How often since the note was begun. */
  readonly times: number;
}

export interface NotedCrashes {
  /** Of the last one; milliseconds since 1970. */
  readonly timeMs: number;
  /** Oldest first. */
  readonly crashes: readonly { readonly engine: EngineName; readonly signal: string }[];
  /** When the plugin of each engine was built, milliseconds since 1970. */
  readonly builtMs: Readonly<Partial<Record<EngineName, number>>>;
}

/** Port: notes of the engines that took the process down; the addon writes one while the process ends. */
export interface CrashNotes {
  read(): NotedCrashes | undefined;
  clear(): void;
  /** From here on a crash is noted. */
  begin(): void;
  /** The process ends because of this engine, in an orderly way. */
  noteLost(engine: EngineName): void;
}

/** A device may fault once in a while and works again in the next process; so often it does not. */
const fewestLosses = 3;
/** A crash this long ago no longer speaks against an engine. */
const forgottenAfterMs = 7 * 24 * 3600 * 1000;

/**
 * Engines that took this agent down before, and from here on a note of the one that does it next. An engine that crashed,
 * or ended the process three times, is passed over until its plugin is built again or a week went by.
 */
export function watchForCrashes(notes: CrashNotes, nowMs: number): readonly EngineCrash[] {
  const noted = notes.read();
  const forgotten = noted !== undefined && nowMs - noted.timeMs > forgottenAfterMs;
  if (forgotten) notes.clear();
  notes.begin();
  return noted === undefined || forgotten ? [] : standingCrashes(noted);
}

function standingCrashes({ timeMs, crashes, builtMs }: NotedCrashes): EngineCrash[] {
  const engines = [...new Set(crashes.map(({ engine }) => engine))];
  return engines.flatMap((engine) => {
    const rebuilt = (builtMs[engine] ?? Number.NEGATIVE_INFINITY) > timeMs;
    const own = crashes.filter((crash) => crash.engine === engine);
    const last = own.at(-1);
    const forgiven = own.length < fewestLosses && own.every(({ signal }) => signal === lostMark);
    return rebuilt || last === undefined || forgiven
      ? []
      : [{ engine, signal: last.signal, times: own.length }];
  });
}

export function engineCrashEvent({ engine, signal, times }: EngineCrash): AgentEvent {
  const how =
    signal === lostMark
      ? `lost its device (${times} times)`
      : `crashed (${signal}${times > 1 ? `, ${times} times` : ''})`;
  return {
    kind: 'engine.crashed',
    severity: 'error',
    message: `The engine ${engine} ${how}; this device runs on another one. Update the engine or build its plugin again to try it once more.`,
    data: { engine, signal, times },
  };
}
