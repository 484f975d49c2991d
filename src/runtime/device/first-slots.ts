import { type AgentStateStorage, type ChosenDetector, lastCommitted } from '../../agent/index.ts';
import { describeError, type Log } from '../../base/index.ts';
import type { Bundle } from '../../model/index.ts';
import { mainSlot } from '../../perception/index.ts';
import type { DeviceModels } from './device-models.ts';

export interface FirstSlotsPorts {
  readonly models: Pick<DeviceModels, 'find' | 'importFolder'>;
  /** `models` of the settings: bundles to begin with, by slot. */
  readonly folders: Readonly<Record<string, string>>;
  readonly memory: AgentStateStorage;
  readonly open: (slot: string, bundle: Bundle) => Promise<ChosenDetector>;
  readonly log: Log;
}

/** What a slot beside `main` starts with. */
export interface FirstSlot extends ChosenDetector {
  readonly bundle: Bundle;
}

/**
 * What the fleet ordered last for the slots beside `main`, else what the settings name. One that can't be brought up is left out:
 * the others serve, its nodes are skipped, and the agent fetches what the fleet ordered again.
 */
export async function firstSlots({
  models,
  folders,
  memory,
  open,
  log,
}: FirstSlotsPorts): Promise<Map<string, FirstSlot>> {
  const first = new Map<string, FirstSlot>();
  const bringUp = async (slot: string, find: () => Promise<Bundle | undefined>) => {
    if (slot === mainSlot || first.has(slot)) return;
    try {
      const bundle = await find();
      if (bundle !== undefined) first.set(slot, { bundle, ...(await open(slot, bundle)) });
    } catch (error) {
      log.error('The model of a slot cannot be brought up', { slot, reason: describeError(error) });
    }
  };
  for (const [slot, { digest }] of await lastCommitted(memory))
    await bringUp(slot, () => models.find(digest));
  for (const [slot, folder] of Object.entries(folders))
    await bringUp(slot, () =>
      models.importFolder(folder, (reason) =>
        log.warn('The model of the settings is used from its own folder', { slot, folder, reason }),
      ),
    );
  return first;
}
