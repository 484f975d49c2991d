import { type AgentStateStorage, type ChosenDetector, lastCommitted } from '../../agent/index.ts';
import { describeError, type Log } from '../../base/index.ts';
import type { Bundle } from '../../model/index.ts';
import { mainSlot } from '../../perception/index.ts';
import type { DeviceModels } from './device-models.ts';

export interface FirstSlotsPorts {
  readonly models: Pick<DeviceModels, 'find'>;
  readonly memory: AgentStateStorage;
  readonly open: (slot: string, bundle: Bundle) => Promise<ChosenDetector>;
  readonly log: Log;
}

/** What a slot beside `main` starts with. */
export interface FirstSlot extends ChosenDetector {
  readonly bundle: Bundle;
}

/** What the fleet ordered last for the slots beside `main`. One that can't be brought up is left out: the agent fetches it again. */
export async function firstSlots({
  models,
  memory,
  open,
  log,
}: FirstSlotsPorts): Promise<Map<string, FirstSlot>> {
  const first = new Map<string, FirstSlot>();
  for (const [slot, { digest }] of await lastCommitted(memory)) {
    if (slot === mainSlot) continue;
    try {
      const bundle = await models.find(digest);
      if (bundle !== undefined) first.set(slot, { bundle, ...(await open(slot, bundle)) });
    } catch (error) {
      log.error('The model of a slot can not be brought up', { slot, reason: describeError(error) });
    }
  }
  return first;
}
