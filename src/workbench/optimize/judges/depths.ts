import { DepthErrorCounter, type DepthMap, type Detection } from '../../../perception/index.ts';
import { readDistances } from '../../pictures/truth-files.ts';
import type { PictureSet, PreparedPicture } from '../pictures.ts';
import { meanScore, type PictureOutcome, type TaskJudge, type Truth, wholeRules } from './judge.ts';

/** delta1 by measured distances; without them, how near each place is to the float model's. */
export class DepthJudge implements TaskJudge<PictureOutcome> {
  readonly rules = wholeRules;
  readonly standInRules = wholeRules;
  readonly multiLabel = false;
  readonly #perMetre: number;

  constructor(perMetre: number) {
    this.#perMetre = perMetre;
  }

  async read({ labels }: PictureSet, _index: number, picture: PreparedPicture) {
    const metres = await readDistances(labels ?? '', picture.path, picture, this.#perMetre);
    return {
      holds: metres.some((value) => value > 0),
      compare([found]: readonly Detection[]): PictureOutcome {
        const counter = new DepthErrorCounter();
        if (found?.depth !== undefined) counter.add(metres, picture.width, found.depth);
        return { value: counter.result.delta1, beside: counter.result.absRel };
      },
    };
  }

  standIn([float]: readonly Detection[]): Truth<PictureOutcome> {
    const wanted = float?.depth;
    return {
      holds: wanted !== undefined,
      compare: ([found]) => {
        const apart = wanted && found?.depth ? distance(wanted, found.depth) : 1;
        return { value: Math.max(0, 1 - apart), beside: apart };
      },
    };
  }

  score(outcomes: readonly PictureOutcome[], draws: number) {
    return meanScore(outcomes, ['delta1', 'absRel'], draws);
  }
}

/** Mean difference, as a share of the mean deviation of what was wanted: 0 is the same, 1 says nothing of it. */
function distance({ values: wanted }: DepthMap, { values }: DepthMap): number {
  const known = Array.from(wanted.keys()).filter((i) => !Number.isNaN(wanted[i]!));
  const mean = known.reduce((sum, i) => sum + wanted[i]!, 0) / Math.max(1, known.length);
  let [apart, spread] = [0, 0];
  for (const i of known) {
    const value = values[i] ?? Number.NaN;
    apart += Number.isNaN(value) ? Math.abs(wanted[i]! - mean) : Math.abs(value - wanted[i]!);
    spread += Math.abs(wanted[i]! - mean);
  }
  return spread === 0 ? Number(apart > 0) : apart / spread;
}
