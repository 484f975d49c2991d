import type { MissReason, Verdict } from './judge.ts';
import type { LadderSignal } from './ladder-table.ts';
import type { Conditions } from './promise.ts';

/** A step is taken before the machine slows itself down. */
export interface HeatLimits {
  readonly hotCelsius: number;
  /** Below `hotCelsius` by so much there is room again. */
  readonly marginCelsius: number;
}

/** What a step of the ladder can help against. */
const helped: ReadonlySet<MissReason> = new Set(['heat', 'power', 'load', 'engine']);
/** Of the detectors' time; up to it the load surely fits. */
const fullShare = 0.85;

/**
 * `busy`: share of the detectors' time that is used, 0..1. `relief`: by how much the last step lowered it, at least 1: what
 * it took off should fit before it is undone.
 */
export function ladderSignal(
  verdicts: readonly Verdict[],
  { celsius, throttled }: Conditions,
  { hotCelsius, marginCelsius }: HeatLimits,
  busy: number,
  relief: number,
): LadderSignal {
  const hot = celsius !== undefined && celsius >= hotCelsius;
  const short = verdicts.some(({ missed }) => missed !== undefined && helped.has(missed));
  if (hot || short) return 'pressure';
  const cool = celsius === undefined || celsius <= hotCelsius - marginCelsius;
  if (!cool || throttled !== undefined) return 'calm';
  return busy * Math.max(1, relief) <= fullShare ? 'room' : 'quiet';
}
