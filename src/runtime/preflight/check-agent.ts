import { readDeviceSettings } from '../settings/added-cameras.ts';
import { AgentSettings } from '../settings/agent.ts';
import { checkSettingsFile } from '../settings/check-file.ts';
import { type PreflightPorts, type TriedPart, tryConfigured } from './preflight.ts';

export interface AgentCheck {
  /** What is no mistake and still worth a word. */
  readonly notes: readonly string[];
  readonly parts: readonly TriedPart[];
}

/** `goshawk agent --check`. Throws one error for all mistakes of the settings; else tries what they name. */
export async function checkAgent(path: string | undefined, ports: PreflightPorts): Promise<AgentCheck> {
  const notes = await checkSettingsFile(AgentSettings, path);
  const { settings, notes: added } = await readDeviceSettings(path);
  return { notes: [...notes, ...added], parts: await tryConfigured(settings, ports) };
}
