import { LockFileSafetyCheck, ProgramSafetyCheck } from '../../adapters/safety/index.ts';
import {
  type CalledSafetyCheck,
  EverySafetyCheck,
  RestedSafetyCheck,
  type SafetyCheck,
} from '../../agent/index.ts';
import type { Clock } from '../../base/index.ts';
import type { RosLink } from '../ros/ros-link.ts';
import type { AgentSettings } from '../settings/agent.ts';

/** What the settings say that must be asked before a model is switched; undefined where nothing must. */
export async function safetyCheck(
  { updates }: AgentSettings,
  clock: Clock,
  ros: Pick<RosLink, 'safety' | 'heardSafety'>,
  called: CalledSafetyCheck | undefined,
): Promise<SafetyCheck | undefined> {
  const { lockFile, program, ros: asksRos, rosTopic, rosLifecycle, timeoutSeconds, restSeconds } = updates;
  const freshMs = timeoutSeconds * 1000;
  const checks = [
    ...(lockFile === undefined ? [] : [new LockFileSafetyCheck(lockFile)]),
    ...(program === undefined ? [] : [new ProgramSafetyCheck(program, timeoutSeconds * 1000)]),
    ...(asksRos ? [await ros.safety()] : []),
    ...(rosTopic === undefined ? [] : [await ros.heardSafety('topic', rosTopic, freshMs)]),
    ...(rosLifecycle === undefined ? [] : [await ros.heardSafety('lifecycle', rosLifecycle, freshMs)]),
    ...(called === undefined ? [] : [called]),
  ];
  if (checks.length === 0) return undefined;
  const every = new EverySafetyCheck(checks);
  return restSeconds === 0 ? every : new RestedSafetyCheck(every, restSeconds * 1000, clock);
}
