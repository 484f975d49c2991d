import type { DeviceRecord, Rollout } from './rollout.ts';
import { withNote } from './rollout.ts';

/** A note of more names is not read; each device's own record has the reason. */
const mostNamed = 20;

/** Those that said that they can't go back, by name; undefined where there are none. */
export function describeStuck(records: readonly DeviceRecord[]): string | undefined {
  const names = records.filter(isStuck).map(({ device }) => device);
  if (names.length === 0) return undefined;
  const more = names.length > mostNamed ? ` and ${names.length - mostNamed} more` : '';
  return `${names.length} could not roll back: ${names.slice(0, mostNamed).join(', ')}${more}.`;
}

/** A rollout that is over tells of who was offline then, came back, and can't go back either. */
export function noteNewlyStuck(before: Rollout, rollout: Rollout, nowMs: number): Rollout {
  const fresh = [...rollout.devices.values()].filter((one) => !isStuck(before.devices.get(one.device)));
  const what = describeStuck(fresh);
  // One that tries again and again is told of once.
  if (what === undefined || rollout.notes.some((note) => note.what === what)) return rollout;
  return withNote(rollout, nowMs, what);
}

function isStuck(record: DeviceRecord | undefined): boolean {
  return record?.state === 'reverting' && record.by === 'stuck';
}
