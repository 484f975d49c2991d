import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { writeFileAtomic } from '../../adapters/filesystem/index.ts';
import { createLog } from '../../adapters/pino/index.ts';
import { type AddedCameras, type LogEntry, LogRing } from '../../agent/index.ts';
import { type Clock, describeError, type Log, type LogLevel } from '../../base/index.ts';
import { LogLine } from '../../protocol/index.ts';
import type { AgentSettings } from '../settings/agent.ts';
import { settingsRedactor } from './known-secrets.ts';

export interface AgentLog {
  readonly log: Log;
  readonly ring: LogRing;
  readonly redact: (text: string) => string;
  /** Writes what is to survive the process. */
  close(): Promise<void>;
}

export interface DeviceRuntimePorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly logLevel?: LogLevel;
  /** What people of the fleet may read; absent: they may do nothing with the agent itself. */
  readonly agentLog?: AgentLog;
  /** Cameras of the settings that were added over the fleet. */
  readonly added?: AddedCameras;
}

const maxLines = 5_000;
const maxSize = 1_000_000;
/** Of what went wrong, so that a crash does not take it along; a disk of flash takes this for years. */
const saveEveryMs = 60_000;
/** Kept over a restart. */
const savedLines = 1_000;

/** The log of an agent: to standard error as ever, and its last lines for the fleet, without secrets. */
export async function openAgentLog(
  settings: AgentSettings & { readonly device: string },
  { clock, level, pretty }: { readonly clock: Clock; readonly level: LogLevel; readonly pretty: boolean },
): Promise<AgentLog> {
  const redact = await settingsRedactor(settings);
  const ring = new LogRing({ maxLines, maxSize, redact });
  const path = join(settings.dataDir, 'log.json');
  ring.restore(await savedIn(path));
  let unsaved = false;
  const log = createLog({
    ...{ level, pretty, fields: { device: settings.device } },
    tap: (line) => {
      const entry = entryOf(line, clock.wallMs());
      if (entry === undefined) return;
      ring.add(entry);
      unsaved ||= entry.level === 'warn' || entry.level === 'error';
    },
  });
  const save = async () => {
    unsaved = false;
    const text = JSON.stringify(ring.lines.slice(-savedLines));
    // Said at the level that saves nothing: a full disk is no reason to write again.
    await writeFileAtomic(path, text, { mode: 0o600 }).catch((error: unknown) =>
      log.debug('The last lines of the log were not saved', { reason: describeError(error) }),
    );
  };
  const stop = clock.every(saveEveryMs, () => {
    if (unsaved) void save();
  });
  return {
    ...{ log, ring, redact },
    close: async () => {
      stop();
      await save();
    },
  };
}

/** A line of pino; undefined for what is none. */
export function entryOf(line: string, nowMs: number): LogEntry | undefined {
  let parsed: Record<string, unknown>;
  try {
    parsed = JSON.parse(line);
  } catch {
    return undefined;
  }
  const { level, time, msg, device: _device, ...fields } = parsed;
  const timeMs = Date.parse(String(time));
  return {
    timeMs: Number.isFinite(timeMs) ? timeMs : nowMs,
    level: level === 'debug' || level === 'warn' || level === 'error' ? level : 'info',
    message: String(msg ?? ''),
    fields: JSON.stringify(fields),
  };
}

const Saved = Type.Array(LogLine, { maxItems: savedLines });

/** What is damaged is left out: the next save is whole again. */
async function savedIn(path: string): Promise<LogLine[]> {
  try {
    const saved: unknown = JSON.parse(await readFile(path, 'utf8'));
    return Value.Check(Saved, saved) ? saved : [];
  } catch {
    return [];
  }
}
