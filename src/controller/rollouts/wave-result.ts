import type { RolloutPolicy } from '../../api/index.ts';
import { badStates, settledStates } from './device-state.ts';
import type { DeviceRecord } from './rollout.ts';
import type { DeviceFacts } from './world.ts';

export type WaveResult =
  | { readonly kind: 'open'; readonly open: readonly string[] }
  | { readonly kind: 'settled'; readonly says: string }
  | { readonly kind: 'failed'; readonly says: string }
  /** Nobody gave an answer: that is not success. */
  | { readonly kind: 'no-data'; readonly says: string };

/** What the devices of the waves so far say, by count alone. */
export function waveResult(
  records: readonly DeviceRecord[],
  { success = {}, unreachable }: Pick<RolloutPolicy, 'success' | 'unreachable'>,
  facts: ReadonlyMap<string, DeviceFacts>,
  nowMs: number,
): WaveResult {
  const { abortPercent = 0, minimum = 1 } = success;
  const atLeast = success.atLeastPercent ?? 100 - abortPercent;
  // What nothing speaks for is no answer.
  const good = records.filter(({ state, by }) => state === 'committed' && by !== 'unproven').length;
  const bad = records.filter(({ state }) => badStates.has(state));
  const answers = good + bad.length;
  const names = bad.slice(0, 5).map(({ device, state }) => `${device} ${state}`);
  const share = `${bad.length} of ${answers} devices that gave an answer did badly`;
  const who = names.length === 0 ? '' : ` (${names.join(', ')}${bad.length > 5 ? ', ...' : ''})`;
  if (answers >= minimum && bad.length > 0 && (100 * bad.length) / answers > abortPercent)
    return { kind: 'failed', says: `${share}${who}; the policy allows ${abortPercent} %.` };
  const open = records.filter(
    (record) => !settledStates.has(record.state) && !isGivenUp(record, unreachable, facts, nowMs),
  );
  if (open.length > 0) return { kind: 'open', open: open.map(({ device }) => device) };
  const unproven = records.filter(({ by }) => by === 'unproven').length;
  const doubtful = unproven === 0 ? '' : ` ${unproven} run it, and too few frames came to say that it works.`;
  if (good === 0 && bad.length === 0)
    return { kind: 'no-data', says: `No device of the wave gave an answer.${doubtful}` };
  if ((100 * good) / answers < atLeast)
    return { kind: 'failed', says: `${share}${who}; ${atLeast} % have to do well.` };
  const silent = records.length - answers;
  const rest = silent === 0 ? '' : ` ${silent} gave no answer and do not count.${doubtful}`;
  return { kind: 'settled', says: `${good} of ${answers} devices run it.${rest}` };
}

/** By rule a wave is decided without it. */
function isGivenUp(
  { device, state, by }: DeviceRecord,
  rule: RolloutPolicy['unreachable'],
  facts: ReadonlyMap<string, DeviceFacts>,
  nowMs: number,
): boolean {
  if (state !== 'unreachable' || by !== 'offline' || rule?.rule !== 'skip') return false;
  const lastSeenMs = facts.get(device)?.lastSeenMs ?? Number.NEGATIVE_INFINITY;
  return nowMs - lastSeenMs >= rule.afterMinutes * 60_000;
}
