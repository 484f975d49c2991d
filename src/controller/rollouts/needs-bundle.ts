import { mayYetSwitch } from './holds.ts';
import type { DeviceRecord, Rollout } from './rollout.ts';
import { hadFinished } from './superseded.ts';
import { isActive } from './table.ts';

/** A device of the rollout has to get it, or may have to go back to it. Of one that is over: who has an order still. */
export function needsBundle(rollout: Rollout, digest: string): boolean {
  const isIt = rollout.model.digest === digest;
  const records = [...rollout.devices.values()];
  if (isActive(rollout.state)) return isIt || records.some((record) => had(record, digest));
  const mayGoBack = !hadFinished(rollout);
  return records.some((record) => {
    if (record.state === 'reverting') return had(record, digest);
    return mayYetSwitch(record) && (isIt || (mayGoBack && had(record, digest)));
  });
}

function had({ before, ranBefore }: DeviceRecord, digest: string): boolean {
  return before?.digest === digest || ranBefore?.digest === digest;
}
