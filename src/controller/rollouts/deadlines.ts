import type { PauseReason } from '../../api/index.ts';
import { settledStates, workingStates } from './device-state.ts';
import type { DeviceRecord, Rollout } from './rollout.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
/** Where the policy names no deadline: in one state, and with one order, also if it comes and goes. */
const longestInStateMs = 24 * hourMs;
const longestWithOrderMs = 7 * 24 * hourMs;

/** The rollout has had its time. */
export function lateWhole({ policy, createdMs, notes }: Rollout, nowMs: number): PauseReason | undefined {
  const { deadlineHours } = policy;
  if (deadlineHours === undefined || nowMs < createdMs + deadlineHours * hourMs) return undefined;
  const what = `The rollout has taken longer than ${deadlineHours} h.`;
  // A person who resumes it later wants it to continue.
  return notes.some((note) => note.what === what) ? undefined : { kind: 'deadline', what };
}

/** A wave has had its time, or the rollout; where neither has one, a device that is at work for ever ends it. */
export function lateWave(
  rollout: Rollout,
  records: readonly DeviceRecord[],
  nowMs: number,
): PauseReason | undefined {
  const { policy, waves, wave, sinceMs } = rollout;
  const minutes = policy.waveDeadlineMinutes;
  if (minutes === undefined)
    return policy.deadlineHours === undefined
      ? lateDevices(rollout, records, nowMs)
      : lateWhole(rollout, nowMs);
  const started = Math.max(waves[wave]?.startedMs ?? nowMs, sinceMs);
  if (nowMs < started + minutes * minuteMs) return lateWhole(rollout, nowMs);
  const open = records.filter(({ state }) => !settledStates.has(state));
  const states = new Map<string, number>();
  for (const { state } of open) states.set(state, (states.get(state) ?? 0) + 1);
  const told = [...states].map(([state, count]) => `${count} ${state}`).join(', ');
  return { kind: 'deadline', what: `The wave has taken longer than ${minutes} min: ${told}.` };
}

/** Who is offline, or waits for a window or until it is safe, is not at work. */
function lateDevices(
  { sinceMs }: Rollout,
  records: readonly DeviceRecord[],
  nowMs: number,
): PauseReason | undefined {
  const [first, ...others] = records.filter(
    (record) =>
      workingStates.has(record.state) &&
      (nowMs >= Math.max(record.sinceMs, sinceMs) + longestInStateMs ||
        nowMs >= Math.max(record.orderedMs ?? nowMs, sinceMs) + longestWithOrderMs),
  );
  if (first === undefined) return undefined;
  const since = Math.max(first.orderedMs ?? first.sinceMs, sinceMs);
  const hours = Math.floor((nowMs - since) / hourMs);
  const more = others.length === 0 ? '' : `, and ${others.length} more`;
  return {
    kind: 'deadline',
    what: `${first.device} has been at work for ${hours} h and is ${first.state}${more}.`,
    settle: ['Check the device, or set waveDeadlineMinutes where a wave may take longer than a day.'],
  };
}
