import { defined } from '../../base/index.ts';
import { selects } from '../fleet/selector.ts';
import type { WaveDevice } from './evidence/index.ts';
import type { Rollout } from './rollout.ts';
import type { DeviceFacts } from './world.ts';

/**
 * Treated are the devices that run it; control those that the policy names, else devices of the target whose wave has
 * not come. A device that has the new model, or had it and went back, is no control.
 */
export function gateDevices(rollout: Rollout, fleet: ReadonlyMap<string, DeviceFacts>): WaveDevice[] {
  const { gate } = rollout.policy;
  const records = [...rollout.devices.values()];
  const touched = new Set(records.filter(({ order }) => order !== undefined).map(({ device }) => device));
  const control =
    gate?.control === undefined
      ? records.filter(({ device }) => !touched.has(device)).map(({ device }) => device)
      : [...fleet.values()]
          .filter((facts) => gate.control !== undefined && selects(gate.control, facts))
          .filter(({ id, loaded }) => !touched.has(id) && loaded?.digest !== rollout.model.digest)
          .map(({ id }) => id);
  return [
    ...records.flatMap(({ device, state, orderedMs, committedMs }): WaveDevice[] =>
      state === 'committed' && committedMs !== undefined
        ? [
            {
              ...{ device, arm: 'treated', changedMs: committedMs },
              ...defined({ beforeMs: orderedMs }),
            },
          ]
        : [],
    ),
    ...control
      .filter((id) => fleet.get(id)?.online === true)
      .map((device): WaveDevice => ({ device, arm: 'control' })),
  ];
}
