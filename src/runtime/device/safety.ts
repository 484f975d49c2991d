import { LockFileSafetyCheck, ProgramSafetyCheck } from '../../adapters/safety/index.ts';
import { EverySafetyCheck, RestedSafetyCheck, type SafetyCheck } from '../../agent/index.ts';
import type { Clock } from '../../base/index.ts';
import type { RosLink } from '../ros/ros-link.ts';
import type { AgentSettings } from '../settings/agent.ts';

/** What the settings say that must be asked before a model is switched; undefined where nothing must. */
export async function safetyCheck(
  { updates }: AgentSettings,
  clock: Clock,
  ros: Pick<RosLink, 'safety'>,
): Promise<SafetyCheck | undefined> {
  const { lockFile, program, ros: asksRos, timeoutSeconds, restSeconds } = updates;
  const checks = [
    ...(lockFile === undefined ? [] : [new LockFileSafetyCheck(lockFile)]),
    ...(program === undefined ? [] : [new ProgramSafetyCheck(program, timeoutSeconds * 1000)]),
    ...(asksRos ? [await ros.safety()] : []),
  ];
  if (checks.length === 0) return undefined;
  const every = new EverySafetyCheck(checks);
  return restSeconds === 0 ? every : new RestedSafetyCheck(every, restSeconds * 1000, clock);
}
