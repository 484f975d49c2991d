import type { Steps } from '../../../base/index.ts';
import { differenceOf, weighMembers } from './arms.ts';
import { byRanks, ranksOf } from './device-ranks.ts';
import { type Finding, harmOf, type Look, type Sides } from './finding.ts';
import { type Noise, noiseOf } from './noise.ts';
import { leastPValue } from './ranks.ts';
import type { Series } from './series.ts';
import { noBlocks, sidesOf, thin, tooFewBlocks } from './sides.ts';
import { studentBounds, studentPValue } from './student.ts';
import { leastFreedom, studyOf } from './study.ts';
import { type Comparison, grainOf } from './table.ts';

export interface LevelOptions {
  readonly blockMinutes: number;
  readonly leastBlocks: number;
  /** What a p-value must be able to reach, for ranks to be worth anything. */
  readonly level: number;
}

/** A level or a trend, of series that have changed or are controls: treated against control, after against before. */
export function* compareLevels(
  comparison: Comparison,
  all: readonly Series[],
  options: LevelOptions,
): Steps<Look> {
  const series = all.filter(({ changed, value }) => changed < value.length);
  const sides = sidesOf(series);
  if (sides.treated.blocks < options.leastBlocks) return noBlocks(comparison, all, sides, options);
  const study = yield* studyOf(comparison, series, options.blockMinutes);
  if (study === undefined) return tooFewBlocks(sides);
  const { baseline, members, contrasts, pretended, carried, freedom } = study;
  const hasControl = sides.control.subjects > 0;
  const weights = weighMembers(members, pretended, carried);
  const now = differenceOf(members, contrasts, weights, carried);
  if (now === undefined) return tooFewBlocks(sides);
  const ranks = ranksOf(comparison, members, contrasts, carried);
  if (freedom < leastFreedom) {
    if (ranks !== undefined && leastPValue(ranks.treated, ranks.controls) <= options.level)
      return byRanks(comparison, ranks, now.difference, sides);
    return thin(
      sides,
      'There is too little history, and there are too few control devices for ranks.',
      hasControl,
    );
  }
  // One morning is no measure of the next minute.
  if (comparison.rule.rhythm && baseline === 'flat' && !hasControl)
    return thin(
      sides,
      `The ${comparison.rule.words} follow the time of day, and no whole day is known.`,
      false,
    );
  const differences = pretended.flatMap((one) => differenceOf(members, one, weights, carried) ?? []);
  return byHistory(comparison, now, noiseOf(differences, freedom), {
    sides,
    window: windowWords(series, options.blockMinutes),
    days: baseline === 'day',
  });
}

function byHistory(
  comparison: Comparison,
  { difference, scarcity }: { readonly difference: number; readonly scarcity: number },
  noise: Noise,
  { sides, window, days }: { readonly sides: Sides; readonly window: string; readonly days: boolean },
): Finding {
  // What never stirs in all of its history, as a frame rate may, still has the grain of its numbers.
  const deviation = Math.max(noise.deviation(scarcity), grainOf(comparison.rule));
  const estimate = harmOf(comparison, difference);
  const found = { estimate, deviation, freedom: Math.max(1, noise.freedom - 1) };
  return {
    kind: 'found',
    ...studentBounds(found),
    pValue: studentPValue(comparison, found, estimate),
    by: { kind: 'history', freedom: found.freedom, days },
    method: `${window}${sides.control.subjects > 0 ? 'against control, ' : ''}after against before, ${noise.freedom} pretended changes`,
    sides,
  };
}

/** Where it is not everything since the change. */
function windowWords([one]: readonly Series[], blockMinutes: number): string {
  if (one === undefined || one.usual === one.changed) return '';
  const hours = ((one.value.length - one.changed) * blockMinutes) / 60;
  return hours === 1 ? 'an hour of it, ' : `${hours} hours of it, `;
}
