import type { ReferenceProfile } from '../../../../src/drift/index.ts';
import { LoadedProfile } from '../../../../src/drift/profile/loaded.ts';
import { type Tick, TickAssembler } from '../../../../src/drift/signals/assembler.ts';
import { quietness, quietOn, type Tuned } from '../tuned.ts';
import { leadSeconds } from './episode.ts';
import { type Moment, type Place, Player } from './loop.ts';

/** Seconds from the onset to the first alarm, by detector; undefined: none. */
export type PlainDelays = Readonly<Record<string, number | undefined>>;

export interface PlainStreams {
  readonly learned: Iterable<Moment>;
  /** Hours that thresholds are tuned on, and others that nothing was tuned on. */
  readonly tunedOn: Iterable<Moment>;
  readonly others: Iterable<Moment>;
}

/**
 * Published detectors on the very signals of the watch. Each signal has the lowest threshold that is quiet on some clean hours.
 * The second of each has those times what makes it quiet on other clean hours too, as the watch is there.
 */
export class PlainDetectors {
  readonly #profile: ReferenceProfile;
  readonly #place: Place;
  readonly #tuned: readonly Tuned[];
  /** How often each raises an alarm on the other hours with the first thresholds, and what makes it quiet there. */
  readonly lines: readonly string[];

  constructor(profile: ReferenceProfile, place: Place, { learned, tunedOn, others }: PlainStreams) {
    this.#profile = profile;
    this.#place = place;
    const reference = [...this.#ticks(learned)];
    const lowest = Object.values(quietOn(this.#ticks(tunedOn), profile, reference));
    const found = quietness(lowest, this.#ticks(others), 0);
    this.lines = lowest.map(({ name }, i) => {
      const { alarms, factor } = found[i]!;
      return `${name}: ${alarms} alarms in the other hours, quiet with thresholds x ${factor.toFixed(2)}`;
    });
    this.#tuned = lowest.flatMap((one, i) => [one, one.times(found[i]!.factor, 'as quiet')]);
  }

  delays(lead: readonly Moment[], fault: Iterable<Moment>): PlainDelays {
    const ticks = [
      ...this.#ticks(
        (function* () {
          yield* lead;
          yield* fault;
        })(),
      ),
    ];
    return Object.fromEntries(this.#tuned.map((one) => [one.name, one.delay(ticks, leadSeconds)]));
  }

  *#ticks(moments: Iterable<Moment>): Generator<Tick> {
    const loaded = new LoadedProfile(this.#profile);
    const assembler = new TickAssembler();
    const player = new Player(this.#place);
    let tick: Tick | undefined;
    for (const moment of moments) {
      player.play([moment], (thumbnail, result, atMs) => {
        tick = assembler.add(thumbnail, result, atMs, loaded.at(result.stampNs).reference);
      });
      if (tick !== undefined) yield tick;
      tick = undefined;
    }
  }
}
