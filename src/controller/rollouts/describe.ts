import type { RolloutDetail, RolloutInfo } from '../../api/index.ts';
import { outlook } from './outlook.ts';
import type { DeviceRecord, Rollout } from './rollout.ts';

/** A rollout as people see it. */
export function infoOf(rollout: Rollout, nowMs: number): RolloutInfo {
  const { id, name, state, sinceMs, wave, model, slot, createdMs, createdBy, pause, reason } = rollout;
  const records = [...rollout.devices.values()];
  return {
    ...{ id, name, state, sinceMs, wave, model, slot, createdMs },
    createdBy: `${createdBy.name} (${createdBy.token})`,
    waves: rollout.waves.map((one, at) => {
      const own = records.filter((record) => record.wave === at);
      return { ...one, devices: own.length, counts: countsOf(own) };
    }),
    counts: countsOf(records),
    ...(pause === undefined ? {} : { pause }),
    ...(reason === undefined ? {} : { reason }),
    ...outlook(rollout, nowMs),
  };
}

export function detailOf(rollout: Rollout, nowMs: number): RolloutDetail {
  const { policy, notes } = rollout;
  const devices = [...rollout.devices.values()]
    .map(({ revertGeneration: _, ...device }) => device)
    .sort((a, b) => a.wave - b.wave || (a.device < b.device ? -1 : 1));
  return { ...infoOf(rollout, nowMs), policy, devices, notes: [...notes] };
}

function countsOf(records: readonly DeviceRecord[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { state } of records) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}
