import { rosToken } from '../../adapters/ros2/index.ts';
import { mainSlot } from '../../perception/index.ts';
import { AgentSettings } from './agent.ts';
import type { Environment } from './environment.ts';
import type { Problem } from './problems.ts';
import { readSettings, refuseProblems } from './read.ts';
import { ruleProblems } from './rules.ts';

/** The settings of an agent, checked, with what the environment says put over them. */
export async function readAgentSettings(
  path: string | undefined,
  env: Environment = process.env,
): Promise<AgentSettings> {
  const { model, ...settings } = await readSettings(AgentSettings, path, env);
  refuseProblems({ value: settings, where: path ?? 'environment' }, [
    ...rosNameProblems(settings),
    ...ruleProblems(settings),
  ]);
  return model === undefined ? settings : { ...settings, models: { ...settings.models, [mainSlot]: model } };
}

/**
 * Published cameras that would have the same topics, services and parameters: a name of ROS 2 has `_` where that of a camera
 * may have `-`. It can be asked about settings that have mistakes of another kind.
 */
export function rosNameProblems(settings: unknown): Problem[] {
  const first = new Map<string, string>();
  return Object.entries(sectionOf(sectionOf(settings).cameras)).flatMap(([camera, setting]) => {
    if (sectionOf(setting).publish !== 'ros') return [];
    const token = rosToken(camera);
    const other = first.get(token);
    first.set(token, other ?? camera);
    if (other === undefined) return [];
    return [{ path: `cameras.${camera}`, what: `would be ${token} in ROS 2, as ${other} is; rename one` }];
  });
}

function sectionOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
