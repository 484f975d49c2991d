import { holds, mayYetSwitch } from './holds.ts';
import type { Proposal } from './proposal.ts';
import type { Rollout } from './rollout.ts';
import type { World } from './world.ts';

/**
 * Orders of a rollout that another one took the place of. One that had finished was good: who was away then still gets it,
 * in its windows. Of one that was under way nobody watches the rest: who has not switched goes back, unless another rollout
 * has it and will order it; until then it waits where no window is open, or where a pause told it to.
 */
export function afterSuperseded(rollout: Rollout, world: World): Proposal[] {
  const inWindows = holds(rollout, world, false);
  if (hadFinished(rollout)) return inWindows;
  const { claimed, devices } = world;
  const back = [...rollout.devices.values()]
    .filter((record) => mayYetSwitch(record) && claimed?.has(record.device) !== true)
    // It may run it and have no word for it any more: a device that was set up anew, an agent of before orders had ids.
    .filter(({ device }) => devices.get(device)?.loaded?.digest !== rollout.model.digest)
    .map(({ device }) => ({ kind: 'revert' as const, device }));
  const waiting = inWindows.filter(
    (one) => one.kind === 'hold' && one.held && claimed?.has(one.device) === true,
  );
  return [...back, ...waiting];
}

export function hadFinished({ waves }: Pick<Rollout, 'waves'>): boolean {
  return waves.at(-1)?.passedMs !== undefined;
}
