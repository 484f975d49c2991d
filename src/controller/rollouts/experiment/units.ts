import type { ExperimentUnit } from '../../../api/index.ts';
import { defined } from '../../../base/index.ts';
import { mainSlot, type Reported } from '../../../protocol/index.ts';
import { cameraName, isCameraInShare } from '../../desired/camera-shares.ts';
import { placeInShare } from '../../fleet/share.ts';
import type { DeviceRecord, Rollout } from '../rollout.ts';
import { armSlot, shareOf } from './stage.ts';

/** What is asked of a device of an experiment. */
export interface UnitFacts {
  readonly id: string;
  /** Those that can be divided. */
  readonly cameras: readonly string[];
  readonly slots: Reported['slots'];
}

/** Who has which version, and why: the cameras of a device, or the device. */
export function unitsOf(rollout: Rollout, record: DeviceRecord, facts: UnitFacts): ExperimentUnit[] {
  return rollout.policy.experiment?.by === 'camera'
    ? facts.cameras.map((camera) => cameraUnit(rollout, record, facts, camera))
    : [deviceUnit(rollout, record, facts)];
}

function cameraUnit(
  rollout: Rollout,
  { state, reason }: DeviceRecord,
  { id, slots }: UnitFacts,
  camera: string,
): ExperimentUnit {
  const slot = armSlot(rollout.policy) ?? mainSlot;
  const [own, main] = [slots[slot], slots[mainSlot]];
  const share = shareOf(rollout);
  const place = placeInShare(cameraName(id, camera), share.of).toFixed(1);
  const isIn = isCameraInShare(id, camera, share);
  const where = `${place} % is ${isIn ? 'within' : 'outside of'} 0 to ${share.toPercent} %`;
  const unit = { device: id, camera };
  if (own?.loaded?.digest === rollout.model.digest && own.cameras.includes(camera))
    return { ...unit, arm: 'B', why: where, model: nameOf(own.loaded) };
  const model = defined({ model: main?.loaded && nameOf(main.loaded) });
  if (main?.loaded?.digest === rollout.model.digest)
    return { ...unit, arm: 'B', why: 'main runs it', ...model };
  const isWanted = isIn || rollout.wave > 0;
  if (!isWanted || state === 'left-out') return { ...unit, arm: 'A', why: reason ?? where, ...model };
  return { ...unit, arm: 'waits', why: `${where}; ${reason ?? state}`, ...model };
}

function deviceUnit(
  { policy, name, slot, wave }: Rollout,
  { state, reason, wave: own }: DeviceRecord,
  { id, slots }: UnitFacts,
): ExperimentUnit {
  const { labels, percent = 100 } = policy.experiment ?? {};
  const is = own === 0;
  const where =
    labels === undefined
      ? `${placeInShare(id, name).toFixed(1)} % is ${is ? 'within' : 'outside of'} 0 to ${percent} %`
      : `it has ${is ? 'these' : 'other'} labels`;
  const arm = state === 'committed' ? 'B' : own > wave || state === 'left-out' ? 'A' : 'waits';
  const runs = slots[slot]?.loaded;
  return {
    ...{ device: id, arm },
    why: arm === 'waits' ? `${where}; ${reason ?? state}` : where,
    ...defined({ model: runs && nameOf(runs) }),
  };
}

function nameOf({ name, version }: { readonly name: string; readonly version: string }): string {
  return `${name} ${version}`;
}
