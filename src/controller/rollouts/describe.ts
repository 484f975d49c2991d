import type { RolloutDetail, RolloutInfo, RolloutWave } from '../../api/index.ts';
import { defined } from '../../base/index.ts';
import { nextLook } from './looks.ts';
import { outlook } from './outlook.ts';
import type { DeviceRecord, Rollout, WaveRecord } from './rollout.ts';

/** A rollout as people see it. */
export function infoOf(rollout: Rollout, nowMs: number): RolloutInfo {
  const { id, name, state, sinceMs, wave, model, slot, createdMs, createdBy, pause, reason } = rollout;
  const { partly } = rollout;
  const records = [...rollout.devices.values()];
  return {
    ...{ id, name, state, sinceMs, wave, model, slot, createdMs },
    createdBy: `${createdBy.name} (${createdBy.token})`,
    waves: rollout.waves.map((one, at) => {
      const own = records.filter((record) => record.wave === at);
      const { looks: _, seenMs: __, ...wave } = one;
      return { ...wave, devices: own.length, counts: countsOf(own), ...looksOf(one, rollout, at) };
    }),
    counts: countsOf(records),
    ...defined({ pause, reason, partly }),
    ...outlook(rollout, nowMs),
  };
}

/** Without what each look saw: lists would grow with it. */
function looksOf(wave: WaveRecord, { state, wave: here }: Rollout, at: number): Pick<RolloutWave, 'looks'> {
  if (wave.looks === undefined) return {};
  const next = state === 'soaking' && at === here ? nextLook(wave) : undefined;
  return {
    looks: {
      of: wave.looks.of,
      made: wave.looks.made.map(({ metrics: _, ...look }) => look),
      ...(next === undefined ? {} : { next: { number: next.number, dueMs: next.dueMs } }),
    },
  };
}

export function detailOf(rollout: Rollout, nowMs: number): RolloutDetail {
  const { policy, notes } = rollout;
  const devices = [...rollout.devices.values()]
    .map(({ revertGeneration: _, ...device }) => device)
    .sort((a, b) => a.wave - b.wave || (a.device < b.device ? -1 : 1));
  const info = infoOf(rollout, nowMs);
  const waves = info.waves.map((wave, at) => {
    const made = rollout.waves[at]?.looks?.made;
    return wave.looks === undefined || made === undefined
      ? wave
      : { ...wave, looks: { ...wave.looks, made: [...made] } };
  });
  return { ...info, waves, policy, devices, notes: [...notes] };
}

function countsOf(records: readonly DeviceRecord[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { state } of records) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}
