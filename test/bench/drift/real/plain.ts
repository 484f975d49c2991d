import type { ReferenceProfile } from '../../../../src/drift/index.ts';
import { LoadedProfile } from '../../../../src/drift/profile/loaded.ts';
import { type Tick, TickAssembler } from '../../../../src/drift/signals/assembler.ts';
import { baseCount } from '../../../../src/drift/signals/catalogue.ts';
import { type Baseline, baselines, firstAlarm, leastThreshold, quietFactor } from '../baselines.ts';
import { leadSeconds } from './episode.ts';
import { type Moment, type Place, Player } from './loop.ts';

/** Seconds from the onset to the first alarm, by detector; undefined: none. */
export type PlainDelays = Readonly<Record<string, number | undefined>>;

interface Tuned {
  readonly name: string;
  readonly thresholds: Float64Array;
  make(): Baseline;
}

/**
 * Published detectors on the very signals of the watch. Each signal has the lowest threshold that is quiet on `clean`, the
 * hours that the watch has to be quiet on: they are tuned on what they are judged by, in their favour. The second of each
 * is as quiet as the watch in the 72 hours of `npm run bench -- drift-days`.
 */
export class PlainDetectors {
  readonly #profile: ReferenceProfile;
  readonly #place: Place;
  readonly #tuned: readonly Tuned[];

  constructor(
    profile: ReferenceProfile,
    place: Place,
    learned: Iterable<Moment>,
    clean: () => Iterable<Moment>,
  ) {
    this.#profile = profile;
    this.#place = place;
    const reference = [...this.#ticks(learned)];
    const makers = {
      pageHinkley: () => baselines.pageHinkley(profile),
      ks: () => baselines.ks(profile, reference),
      psi: () => baselines.psi(profile, reference),
    };
    const tuned = (Object.keys(makers) as (keyof typeof makers)[]).map((kind) => {
      const baseline = makers[kind]();
      return {
        ...{ kind, baseline, make: makers[kind] },
        thresholds: new Float64Array(baseCount).fill(leastThreshold[kind]),
      };
    });
    for (const tick of this.#ticks(clean()))
      for (const { baseline, thresholds } of tuned)
        for (const [i, value] of baseline.add(tick).entries())
          thresholds[i] = Math.max(thresholds[i]!, value);
    this.#tuned = tuned.flatMap(({ kind, baseline: { name }, make, thresholds }) => [
      { name, make, thresholds },
      {
        name: `${name} x ${quietFactor[kind]}`,
        make,
        thresholds: thresholds.map((value) => value * quietFactor[kind]),
      },
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
