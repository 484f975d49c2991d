import { type Detection, textAccuracy } from '../../../perception/index.ts';
import { readLine } from '../../pictures/truth-files.ts';
import type { PictureSet, PreparedPicture } from '../pictures.ts';
import { meanScore, type PictureOutcome, type TaskJudge, type Truth, wholeRules } from './judge.ts';

/** Lines that are read without a mistake; without their texts, the characters that the float model reads too. */
export class LineJudge implements TaskJudge<PictureOutcome> {
  readonly rules = wholeRules;
  readonly standInRules = wholeRules;
  readonly multiLabel = false;

  async read({ labels }: PictureSet, _index: number, { path }: PreparedPicture) {
    const truth = await readLine(labels ?? '', path);
    return {
      holds: truth !== '',
      compare: (found: readonly Detection[]) => {
        const { wordAccuracy, cer } = textAccuracy([{ truth, said: textOf(found) }]);
        return { value: wordAccuracy, beside: cer };
      },
    };
  }

  standIn(float: readonly Detection[]): Truth<PictureOutcome> {
    const truth = textOf(float);
    return {
      holds: truth !== '',
      compare(found) {
        const { cer } = textAccuracy([{ truth, said: textOf(found) }]);
        return { value: Math.max(0, 1 - cer), beside: cer };
      },
    };
  }

  score(outcomes: readonly PictureOutcome[], draws: number) {
    return meanScore(outcomes, ['wordAccuracy', 'cer'], draws);
  }
}

function textOf([found]: readonly Detection[]): string {
  return found?.label ?? '';
}
