import type { ReferenceProfile } from '../../../src/drift/index.ts';
import type { Tick } from '../../../src/drift/signals/assembler.ts';
import { baseCount } from '../../../src/drift/signals/catalogue.ts';
import { type Baseline, baselines } from './baselines.ts';

/**
 * A threshold below these is that of a signal that never moved while it was tuned: one unusual second would cross it. Of a
 * window of a minute, three seconds; of PSI, what its users call no change.
 */
const leastThreshold = { ks: 0.05, psi: 0.1, pageHinkley: 5 } as const;
export type Kind = keyof typeof leastThreshold;

/** Two crossings with less between them are one alarm, as one of ours is: its cool-down. */
const coolDownS = 600;

/** A published detector with a threshold for every signal. */
export class Tuned {
  readonly name: string;
  readonly make: () => Baseline;
  readonly #thresholds: Float64Array;

  constructor(name: string, make: () => Baseline, thresholds: Float64Array) {
    this.name = name;
    this.make = make;
    this.#thresholds = thresholds;
  }

  times(factor: number, words: string): Tuned {
    return new Tuned(
      `${this.name}, ${words}`,
      this.make,
      this.#thresholds.map((value) => value * factor),
    );
  }

  /** Second by second, how high the furthest signal is: above 1 it is over its threshold. */
  heights(): (tick: Tick) => number {
    const baseline = this.make();
    return (tick) =>
      baseline.add(tick).reduce((most, value, i) => Math.max(most, value / this.#thresholds[i]!), 0);
  }

  /** Seconds after `from` until the first alarm: a second is known at its end, to them as to us. */
  delay(ticks: readonly Tick[], from: number): number | undefined {
    const height = this.heights();
    for (const [second, tick] of ticks.entries())
      if (height(tick) > 1 && second >= from) return second + 1 - from;
    return undefined;
  }
}

/** Each with the lowest thresholds, one per signal, that raise nothing in these seconds. */
export function quietOn(
  ticks: Iterable<Tick>,
  profile: ReferenceProfile,
  reference: readonly Tick[],
): Readonly<Record<Kind, Tuned>> {
  const one = (kind: Kind, make: () => Baseline) => ({
    ...{ make, baseline: make() },
    thresholds: new Float64Array(baseCount).fill(leastThreshold[kind]),
  });
  const all = {
    ks: one('ks', () => baselines.ks(profile, reference)),
    psi: one('psi', () => baselines.psi(profile, reference)),
    pageHinkley: one('pageHinkley', () => baselines.pageHinkley(profile)),
  };
  for (const tick of ticks)
    for (const { baseline, thresholds } of Object.values(all))
      for (const [i, value] of baseline.add(tick).entries()) thresholds[i] = Math.max(thresholds[i]!, value);
  const tuned = ({ baseline, make, thresholds }: typeof all.ks) => new Tuned(baseline.name, make, thresholds);
  return { ks: tuned(all.ks), psi: tuned(all.psi), pageHinkley: tuned(all.pageHinkley) };
}

export interface Quietness {
  /** With the thresholds as they are. */
  readonly alarms: number;
  /** What they have to be multiplied by for at most `wanted` alarms, to a hundredth. */
  readonly factor: number;
}

/** How quiet each is in seconds that it was not tuned on. */
export function quietness(all: readonly Tuned[], ticks: Iterable<Tick>, wanted: number): Quietness[] {
  const looks = all.map((one) => ({ height: one.heights(), heights: [] as number[] }));
  for (const tick of ticks) for (const { height, heights } of looks) heights.push(height(tick));
  return looks.map(({ heights }) => ({
    alarms: alarmsAbove(heights, 1),
    factor: factorFor(heights, wanted),
  }));
}

function alarmsAbove(heights: readonly number[], factor: number): number {
  let alarms = 0;
  let last = Number.NEGATIVE_INFINITY;
  for (const [second, value] of heights.entries()) {
    if (value <= factor) continue;
    if (second - last > coolDownS) alarms++;
    last = second;
  }
  return alarms;
}

function factorFor(heights: readonly number[], wanted: number): number {
  let [low, high] = [1, heights.reduce((most, value) => Math.max(most, value), 1)];
  while (high - low > 0.005) {
    const middle = (low + high) / 2;
    if (alarmsAbove(heights, middle) > wanted) low = middle;
    else high = middle;
  }
  return Math.ceil(high * 100) / 100;
}
