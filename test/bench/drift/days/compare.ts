import type { ReferenceProfile } from '../../../../src/drift/index.ts';
import { LoadedProfile } from '../../../../src/drift/profile/loaded.ts';
import { type Tick, TickAssembler } from '../../../../src/drift/signals/assembler.ts';
import { baseCount } from '../../../../src/drift/signals/catalogue.ts';
import { type Baseline, baselines } from '../baselines.ts';
import { play } from './watch.ts';

/** Two crossings with less between them are one alarm, as one of ours is: its cool-down. */
const coolDownS = 600;
/**
 * Thresholds below these are those of a signal that never moved while it was learned: one unusual second would cross them. Of
 * a window of a minute, three seconds; of PSI, what its users call no change.
 */
const leastThreshold = { ks: 0.05, psi: 0.1, pageHinkley: 5 } as const;

export interface BaselineDays {
  readonly name: string;
  /** With the lowest thresholds that are quiet on what was learned. */
  readonly alarms: number;
  /** What those thresholds have to be multiplied by for as few alarms as `wanted`. */
  readonly factor: number;
  readonly wanted: number;
}

/**
 * Published detectors on the same days. Every signal's threshold is the highest value of what was learned; then all are
 * raised by one factor until the watched days have no more alarms than ours had.
 */
export function compareDays(
  folder: string,
  profile: ReferenceProfile,
  learnHours: number,
  toHour: number,
  wanted: number,
): BaselineDays[] {
  const reference = [...secondsOf(folder, profile, 0, learnHours)];
  const made = {
    ks: baselines.ks(profile, reference),
    psi: baselines.psi(profile, reference),
    pageHinkley: baselines.pageHinkley(profile),
  };
  const names = Object.keys(made) as (keyof typeof made)[];
  const thresholds = names.map((name) => highest(made[name], reference, leastThreshold[name]));
  const heights = names.map((): number[] => []);
  for (const tick of secondsOf(folder, profile, learnHours, toHour)) {
    for (const [i, name] of names.entries()) heights[i]!.push(height(made[name], tick, thresholds[i]!));
  }
  return names.map((name, i) => ({
    name: made[name].name,
    alarms: alarmsAbove(heights[i]!, 1),
    factor: factorFor(heights[i]!, wanted),
    wanted,
  }));
}

function* secondsOf(folder: string, profile: ReferenceProfile, from: number, to: number): Generator<Tick> {
  const loaded = new LoadedProfile(profile);
  const assembler = new TickAssembler();
  for (let hour = from; hour < to; hour++) {
    const ticks: Tick[] = [];
    play(folder, hour, hour + 1, ({ thumbnail }, result, atMs) => {
      const tick = assembler.add(thumbnail, result, atMs, loaded.at(result.stampNs).reference);
      if (tick !== undefined && !tick.settling) ticks.push(tick);
    });
    yield* ticks;
  }
}

function highest(baseline: Baseline, ticks: readonly Tick[], least: number): Float64Array {
  const thresholds = new Float64Array(baseCount).fill(least);
  for (const tick of ticks)
    for (const [i, value] of baseline.add(tick).entries()) thresholds[i] = Math.max(thresholds[i]!, value);
  return thresholds;
}

function height(baseline: Baseline, tick: Tick, thresholds: Float64Array): number {
  let most = 0;
  for (const [i, value] of baseline.add(tick).entries()) most = Math.max(most, value / thresholds[i]!);
  return most;
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

/** Smallest factor, to a hundredth, with at most `wanted` alarms. */
function factorFor(heights: readonly number[], wanted: number): number {
  const top = heights.reduce((most, value) => Math.max(most, value), 1);
  let [low, high] = [1, top];
  while (high - low > 0.005) {
    const middle = (low + high) / 2;
    if (alarmsAbove(heights, middle) > wanted) low = middle;
    else high = middle;
  }
  return Math.ceil(high * 100) / 100;
}
