import { AgentSettings } from '../settings/agent.ts';
import { readAgentSettings } from '../settings/agent-file.ts';
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
  return { notes, parts: await tryConfigured(await readAgentSettings(path), ports) };
}
