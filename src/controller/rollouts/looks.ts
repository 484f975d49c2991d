import type { Gate, RolloutPolicy } from '../../api/index.ts';
import { gateDefaults, type PlannedLook } from './gates/index.ts';
import type { WaveRecord } from './rollout.ts';

const minuteMs = 60_000;
/** There is nothing new to look at before: a block. */
export const lookMinutes = 5;

/** How often a wave is looked at: as its policy says, and no more often than its soak has blocks. */
export function looksOf({ gate }: Pick<RolloutPolicy, 'gate'>, soakMinutes: number): number {
  return Math.max(1, Math.min(gate?.looks ?? gateDefaults.looks, Math.floor(soakMinutes / lookMinutes)));
}

/** Of a wave that has settled: the looks are spread evenly over the soak, and the last is at its end. */
export function lookTimeMs({ settledMs = 0, soakMinutes, looks }: WaveRecord, number: number): number {
  return Math.round(settledMs + (soakMinutes * minuteMs * number) / numberOf(looks));
}

/** Fixed when the wave settled. */
function numberOf(looks: WaveRecord['looks']): number {
  return looks?.of ?? 1;
}

/** The last look that was made; 0 for none. */
export function lastMade({ looks }: WaveRecord): number {
  return Math.max(0, ...(looks?.made ?? []).map(({ number }) => number));
}

/** The look that comes next, as long as there is one. */
export function nextLook(wave: WaveRecord): { number: number; of: number; dueMs: number } | undefined {
  const of = numberOf(wave.looks);
  const number = lastMade(wave) + 1;
  if (wave.settledMs === undefined || wave.passedMs !== undefined || number > of) return undefined;
  return { number, of, dueMs: lookTimeMs(wave, number) };
}

/**
 * The look that is to be made now. Where nobody looked for a while (the controller was away, the rollout paused), all
 * that are due are made as one: the same minutes are not judged twice. `again`: the last one is made, and a person let it go on.
 */
export function dueLook(wave: WaveRecord, nowMs: number): PlannedLook | 'again' | undefined {
  if (wave.settledMs === undefined) return undefined;
  const next = nextLook(wave);
  if (next === undefined) return 'again';
  const { number: from, of } = next;
  let number = from - 1;
  while (number < of && lookTimeMs(wave, number + 1) <= nowMs) number++;
  if (number < from) return undefined;
  return number === from ? { number, of } : { number, of, from };
}

/** Before the rollout begins. */
export function sayLooks(gate: Gate, soakMinutes: number): string {
  const of = looksOf({ gate }, soakMinutes);
  if (of === 1) return `The gate looks once, ${soakMinutes} min after the wave settled.`;
  const times = Array.from({ length: of }, (_, at) => `${Math.round((soakMinutes * (at + 1)) / of)}`);
  const before = gate.passEarly === true ? 'may stop the wave or pass it' : 'can only stop the wave';
  return `The gate looks ${of} times, ${times.join(', ')} min after the wave settled; a look before the last ${before}.`;
}
