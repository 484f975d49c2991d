import type { RolloutPolicy } from '../../api/index.ts';
import { InputError } from '../../base/index.ts';
import { isWithin, selects } from '../fleet/selector.ts';
import type { PlannedWave } from './waves.ts';
import type { DeviceFacts } from './world.ts';

/** InputErrors `rollout-empty`, `rollout-wave-device`. */
export function expectDevices(
  { target, waves = [] }: RolloutPolicy,
  planned: readonly PlannedWave[],
  facts: ReadonlyMap<string, DeviceFacts>,
): void {
  if (planned.length === 0)
    throw new InputError(
      'rollout-empty',
      'No device of the fleet fits the target.',
      'goshawk device list lists them; labels are in goshawk device label.',
    );
  for (const device of waves.flatMap(({ devices = [] }) => devices)) {
    const known = facts.get(device);
    if (known !== undefined && selects(target, known)) continue;
    const { within } = target;
    const isKnown = known !== undefined && (within === undefined || isWithin(within, known));
    throw new InputError(
      'rollout-wave-device',
      `A wave names ${device}, which ${isKnown ? 'the target does not have' : 'the fleet does not know'}.`,
      'Correct its name, or widen the target.',
    );
  }
}
