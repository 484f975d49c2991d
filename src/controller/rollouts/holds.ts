import { beforeSwitch } from './device-state.ts';
import type { Proposal } from './proposal.ts';
import type { DeviceRecord, Rollout } from './rollout.ts';
import { isOpen } from './windows.ts';
import type { World } from './world.ts';

/** It has an order and its old model still serves: offline or not, it may switch by itself later. */
export function mayYetSwitch({ order, state }: DeviceRecord): boolean {
  return order !== undefined && beforeSwitch.has(state);
}

/**
 * Those that are ordered and do not switch yet: whether they may follows from the windows, and nothing switches in a pause.
 * An offline device gets one order to wait, and the release when it is back: it could be away for many windows.
 */
export function holds(rollout: Rollout, { nowMs, freeze }: World, paused: boolean): Proposal[] {
  const stop = paused || freeze !== undefined;
  const { windows } = rollout.policy;
  const [begin, goOn] = [false, true].map((begun) => isOpen(windows, 'switch', nowMs, begun));
  return [...rollout.devices.values()].filter(mayYetSwitch).flatMap(({ device, state, held = false }) => {
    const isAway = held && state === 'unreachable';
    const wanted = stop || isAway || !(held ? begin : goOn);
    return wanted === held ? [] : [{ kind: 'hold' as const, device, held: wanted }];
  });
}
