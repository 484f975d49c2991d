import type { ReferenceProfile } from '../../../../src/drift/index.ts';
import { LoadedProfile } from '../../../../src/drift/profile/loaded.ts';
import { type Tick, TickAssembler } from '../../../../src/drift/signals/assembler.ts';
import { baseCount } from '../../../../src/drift/signals/catalogue.ts';
import { type Baseline, baselines, firstAlarm, leastThreshold } from '../baselines.ts';
import { leadSeconds } from './episode.ts';
import { type Moment, type Place, Player } from './loop.ts';

/** Seconds from the onset to the first alarm, by detector; undefined: none. */
export type PlainDelays = Readonly<Record<string, number | undefined>>;

interface Tuned {
  readonly name: string;
  readonly thresholds: Float64Array;
  make(): Baseline;
}

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
    const makers = {
      pageHinkley: () => baselines.pageHinkley(profile),
      ks: () => baselines.ks(profile, reference),
      psi: () => baselines.psi(profile, reference),
    };
    const all = (Object.keys(makers) as (keyof typeof makers)[]).map((kind) => ({
      ...{ make: makers[kind], tuning: makers[kind](), trying: makers[kind](), factor: 1, alarms: 0 },
      ...{ thresholds: new Float64Array(baseCount).fill(leastThreshold[kind]), isOver: false },
    }));
    for (const tick of this.#ticks(tunedOn))
      for (const { tuning, thresholds } of all)
        for (const [i, value] of tuning.add(tick).entries()) thresholds[i] = Math.max(thresholds[i]!, value);
    for (const tick of this.#ticks(others))
      for (const one of all) {
        const ratio = one.trying
          .add(tick)
          .reduce((most, value, i) => Math.max(most, value / one.thresholds[i]!), 0);
        if (ratio > 1 && !one.isOver) one.alarms++;
        one.isOver = ratio > 1;
        one.factor = Math.max(one.factor, ratio);
      }
    this.lines = all.map(
      ({ tuning, alarms, factor }) =>
        `${tuning.name}: ${alarms} alarms in the other hours, quiet with thresholds x ${factor.toFixed(2)}`,
    );
    this.#tuned = all.flatMap(({ tuning: { name }, make, thresholds, factor }) => [
      { name, make, thresholds },
      { name: `${name}, as quiet`, make, thresholds: thresholds.map((value) => value * factor) },
    ]);
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
    return Object.fromEntries(
      this.#tuned.map(({ name, make, thresholds }) => {
        const at = firstAlarm(make(), ticks, thresholds, leadSeconds);
        return [name, at === undefined ? undefined : at - leadSeconds];
      }),
    );
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
