import { type Detection, topAccuracy } from '../../../perception/index.ts';
import type { PictureSet } from '../pictures.ts';
import { meanScore, type PictureOutcome, type TaskJudge, type Truth, wholeRules } from './judge.ts';

/** Top-1 by the folders of the pictures; without them, how far the probabilities are those of the float model. */
export class ClassJudge implements TaskJudge<PictureOutcome> {
  readonly rules = { ...wholeRules, maxDetections: 10_000 };
  readonly standInRules = this.rules;
  readonly multiLabel = true;
  readonly #labels: readonly string[];

  constructor(labels: readonly string[]) {
    this.#labels = labels;
  }

  async read(set: PictureSet, index: number): Promise<Truth<PictureOutcome>> {
    const truth = set.numberOf(index);
    const label = this.#labels[truth] ?? String(truth);
    return {
      holds: true,
      compare(found) {
        const { top1, top5 } = topAccuracy([{ truth, said: found.map(({ classId }) => classId) }]);
        return { value: top1, beside: top5, label };
      },
    };
  }

  /** Top-1 alone says little on a few dozen pictures: what the two distributions have in common says more. */
  standIn(float: readonly Detection[]): Truth<PictureOutcome> {
    return {
      holds: float.length > 0,
      compare(found) {
        const scores = new Map(found.map(({ classId, score }) => [classId, score]));
        const common = float.reduce(
          (sum, { classId, score }) => sum + Math.min(score, scores.get(classId) ?? 0),
          0,
        );
        return { value: Math.min(1, common), beside: Number(found[0]?.classId === float[0]?.classId) };
      },
    };
  }

  score(outcomes: readonly PictureOutcome[], draws: number) {
    return meanScore(outcomes, ['top1', 'top5'], draws);
  }
}
