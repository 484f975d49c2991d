import type { ReferenceProfile } from '../../../../src/drift/index.ts';
import { LoadedProfile } from '../../../../src/drift/profile/loaded.ts';
import { type Tick, TickAssembler } from '../../../../src/drift/signals/assembler.ts';
import { type Quietness, quietness, quietOn } from '../tuned.ts';
import { play } from './watch.ts';

export interface BaselineDays extends Quietness {
  readonly name: string;
}

/**
 * Published detectors on the same days, with the lowest thresholds that are quiet on what was learned; and what those have to
 * be multiplied by for no more than `wanted` alarms, ours, on the watched days.
 */
export function compareDays(
  folder: string,
  profile: ReferenceProfile,
  learnHours: number,
  toHour: number,
  wanted: number,
): BaselineDays[] {
  const reference = [...secondsOf(folder, profile, 0, learnHours)];
  const tuned = Object.values(quietOn(reference, profile, reference));
  const found = quietness(tuned, secondsOf(folder, profile, learnHours, toHour), wanted);
  return tuned.map(({ name }, i) => ({ name, ...found[i]! }));
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
