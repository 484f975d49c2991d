import type { PauseReason } from '../../api/index.ts';
import type { DeviceRecord, Rollout } from './rollout.ts';

/** A person chose these, and knows what runs meanwhile. */
const byPerson: ReadonlySet<PauseReason['kind']> = new Set(['by-hand', 'frozen']);
/** That a message names. */
const mostNamed = 10;

/** Devices that a pause leaves on the version although nothing said that it is good. */
export function leftUnjudged({ state, pause, waves, devices }: Rollout): DeviceRecord[] {
  if (state !== 'paused' || pause === undefined || byPerson.has(pause.kind)) return [];
  return [...devices.values()].filter(
    (record) => record.state === 'committed' && waves[record.wave]?.passedMs === undefined,
  );
}

/** Empty where there are none. */
export function sayUnjudged(rollout: Rollout): string {
  const names = leftUnjudged(rollout).map(({ device }) => device);
  if (names.length === 0) return '';
  const more = names.length > mostNamed ? ` and ${names.length - mostNamed} more` : '';
  const who = `${names.slice(0, mostNamed).join(', ')}${more}`;
  return ` It did not roll back: ${who} ${names.length === 1 ? 'keeps' : 'keep'} ${rollout.model.name} ${rollout.model.version}.`;
}
