import { CrashNotes, type EngineCrash, nativeEngines } from '../../../device/native/index.ts';
import type { AgentEvent } from '../../agent/index.ts';

/**
 * Engines that took this agent down before, and from here on a note of the one that does it next. An engine that crashed
 * is passed over until its plugin is built again or a week went by.
 */
export function watchForCrashes(dataDir: string, nowMs: number): readonly EngineCrash[] {
  if (!nativeEngines().some(({ available }) => available)) return [];
  const notes = new CrashNotes(dataDir);
  const crashes = notes.read(nowMs);
  notes.begin();
  return crashes;
}

export function engineCrashEvent({ engine, signal, times }: EngineCrash): AgentEvent {
  return {
    kind: 'engine.crashed',
    severity: 'error',
    message: `The engine ${engine} crashed (${signal}${times > 1 ? `, ${times} times` : ''}); this device runs on another one. Update the engine or build its plugin again to try it once more.`,
    data: { engine, signal, times },
  };
}
