import { defined } from '../../base/index.ts';
import type { DeviceRecord, RolloutRecord } from '../store/rollout-rows.ts';

export type { DeviceRecord, RolloutRecord, WaveRecord } from '../store/rollout-rows.ts';

export interface Rollout extends RolloutRecord {
  readonly devices: ReadonlyMap<string, DeviceRecord>;
  /** As somebody sees it who does not see all of its devices; never stored. */
  readonly partly?: true;
}

/** Devices of this wave and of those before. */
export function upTo({ devices, wave }: Rollout): DeviceRecord[] {
  return [...devices.values()].filter((record) => record.wave <= wave);
}

export const mostNotes = 200;

/** The newest notes stay. */
export function withNote<R extends RolloutRecord>(rollout: R, timeMs: number, what: string, by?: string): R {
  const note = { timeMs, what, ...defined({ by }) };
  return { ...rollout, notes: [...rollout.notes.slice(1 - mostNotes), note] };
}

export function recordOf({ devices: _, partly: __, ...record }: Rollout): RolloutRecord {
  return record;
}
