import type { GateLookResult, GateResult } from './gate-results.ts';

const minuteMs = 60_000;
const lateFromMinutes = 5;

/** `look 1 of 3`; `looks 2 to 3 of 3 made as one, 25 min late`; `looked again`, which nothing was due for. */
export function lookWords(
  look: Pick<GateLookResult, 'number' | 'from' | 'again' | 'dueMs' | 'timeMs'>,
  of: number,
): string {
  const { number, from = number, again } = look;
  if (again === true) return 'looked again';
  const late = lateMinutes(look);
  const name =
    from === number ? `look ${number} of ${of}` : `looks ${from} to ${number} of ${of} made as one`;
  return late === 0 ? name : `${name}, ${late} min late`;
}

/** From when it was due, of several the first; 0 for one that came in time, or nearly so. */
export function lateMinutes({ dueMs, timeMs }: Pick<GateLookResult, 'dueMs' | 'timeMs'>): number {
  const minutes = Math.floor((timeMs - dueMs) / minuteMs);
  return minutes < lateFromMinutes ? 0 : minutes;
}

/** Who measured it, and whether one device could have made the answer up. */
export function trustWords({ seenBy, outcome, alone, hinges }: GateResult['metrics'][number]): string {
  if (seenBy === 'controller') return 'measured by the controller';
  if (hinges !== undefined) return `hinges on ${hinges}`;
  if (alone !== undefined) return `${alone} alone says so`;
  return outcome === 'pass' ? 'holds without any one device' : 'measured by the devices';
}
