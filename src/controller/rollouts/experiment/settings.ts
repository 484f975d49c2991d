import type { DesiredSettings, ModelChoice } from '../../../api/index.ts';
import { withoutSlot, withSlot } from '../../desired/slot-service.ts';
import type { Rollout } from '../rollout.ts';
import { armSlot, shareOf } from './stage.ts';

/** The settings that a device gets for an experiment by camera. */

/** B runs in its slot and serves its part of the cameras. */
export function withArm(settings: DesiredSettings, rollout: Rollout, model: ModelChoice): DesiredSettings {
  return withSlot(settings, rollout.slot, { share: shareOf(rollout) }, model);
}

/** Without the slot of B, where it is still that of the rollout. */
export function withoutArm(settings: DesiredSettings, rollout: Rollout, device: string): DesiredSettings {
  const slot = armSlot(rollout.policy);
  const isOurs = slot !== undefined && settings.slots?.[slot]?.share?.of === rollout.name;
  return isOurs ? withoutSlot(settings, slot, device) : settings;
}

/** The same order, with the part of the cameras that the rollout has now. */
export function withNewShare(settings: DesiredSettings, rollout: Rollout): DesiredSettings {
  const choice = settings.slots?.[rollout.slot];
  return choice === undefined
    ? settings
    : withSlot(settings, rollout.slot, { share: shareOf(rollout) }, choice.model);
}
