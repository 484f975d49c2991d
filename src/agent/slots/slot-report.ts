import { defined } from '../../base/index.ts';
import type { DetectorIdentity } from '../../perception/index.ts';
import { type LoadedModel, mainSlot, type ReportedSlot } from '../../protocol/index.ts';
import { servingModel } from '../engines/lost-model.ts';
import { unknownCameras } from './camera-nodes.ts';
import type { DeviceSlot } from './slot-set.ts';

/** What runs, as far as a report of the slots needs it. */
export interface RunningSlots {
  /** Of the device. */
  readonly cameras: readonly string[];
  readonly identities: ReadonlyMap<string, DetectorIdentity>;
  readonly camerasOf: (slot: string) => readonly string[];
}

const mostCameras = 64;

/** One slot as it is told to the fleet. */
export function slotReport({ name, memory, deployer }: DeviceSlot, running: RunningSlots): ReportedSlot {
  const { desired, deployment } = memory.record;
  const identity = running.identities.get(name);
  const loaded = identity === undefined ? undefined : servingModel(identity)?.digest;
  const policy = desired?.model.policy ?? (name === mainSlot ? deployment.model?.policy : undefined);
  const problem = unknownCameras(desired ?? {}, running.cameras);
  return {
    deployment: deployer.report,
    role: desired?.role ?? 'serve',
    cameras: running.camerasOf(name).slice(0, mostCameras),
    ...defined({ loaded }),
    ...(desired?.sample === undefined ? {} : { sample: desired.sample }),
    ...defined({ policy }),
    ...(problem === undefined ? {} : { problem: problem.slice(0, 2000) }),
  };
}

/** The models that serve, that of `main` first. */
export function loadedModels({ identities, camerasOf }: RunningSlots): LoadedModel[] {
  return [...identities]
    .sort(([a], [b]) => Number(b === mainSlot) - Number(a === mainSlot))
    .flatMap(([slot, identity]) => {
      const serving = servingModel(identity);
      if (serving === undefined) return [];
      const { engine, precision } = identity;
      const cameras = camerasOf(slot).slice(0, mostCameras);
      return [{ ...serving, engine, precision, cameras, slot }];
    });
}
