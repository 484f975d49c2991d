import type { GateLookResult, RolloutWave } from '../../api/index.ts';
import type { Tone } from '../ui/tone.ts';
import { outcomeTones } from './words.ts';

/** What a look meant for its wave: before the last nothing has to be proven, but one that passes early passes the wave. */
export function lookTone(
  { number, again, outcome, timeMs }: GateLookResult,
  { looks, passedMs }: Pick<RolloutWave, 'looks' | 'passedMs'>,
): readonly [tone: Tone, word: string] {
  const isLast = again === true || number >= (looks?.of ?? 1);
  // The verdict and what follows from it are one change.
  const passed = outcome === 'pass' && passedMs === timeMs;
  const early = !isLast && !passed;
  return (early ? earlyTones[outcome] : undefined) ?? outcomeTones[outcome] ?? ['idle', outcome];
}

const earlyTones: Readonly<Record<string, readonly [tone: Tone, word: string]>> = {
  pass: ['ok', 'So far so good'],
  inconclusive: ['idle', 'Continues'],
  'no-data': ['idle', 'Too little data yet'],
};
