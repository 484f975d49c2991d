import type { ResampledScore } from '../../../optimize/index.ts';
import { type Detection, drawTimes, MeanIouCounter, pixelClasses } from '../../../perception/index.ts';
import { readClassMap } from '../../pictures/truth-files.ts';
import type { PictureSet, PreparedPicture } from '../pictures.ts';
import { type TaskJudge, type Truth, wholeRules } from './judge.ts';

/** Mean IoU of the classes of all pixels. */
export class MapJudge implements TaskJudge<MeanIouCounter> {
  readonly rules = { ...wholeRules, maxDetections: 10_000 };
  readonly standInRules = this.rules;
  readonly multiLabel = false;
  readonly #labels: readonly string[];

  constructor(labels: readonly string[]) {
    this.#labels = labels;
  }

  async read({ labels }: PictureSet, _index: number, picture: PreparedPicture) {
    const map = await readClassMap(labels ?? '', picture.path, picture, this.#labels.length);
    return this.#truth(map, picture.width);
  }

  standIn(float: readonly Detection[], { width, height }: PreparedPicture): Truth<MeanIouCounter> {
    // A place without a class (-1) is not judged.
    const map = Uint8Array.from(pixelClasses(float, width, height), (classId) =>
      classId < 0 ? 255 : classId,
    );
    return this.#truth(map, width);
  }

  score(pictures: readonly MeanIouCounter[], draws: number): ResampledScore {
    const of = (times?: Uint16Array) => {
      const all = new MeanIouCounter(this.#labels.length);
      for (const [i, picture] of pictures.entries()) all.merge(picture, times?.[i] ?? 1);
      return all.result;
    };
    const { miou, pixelAccuracy, perClass } = of();
    return {
      ...{ measure: 'miou', value: miou, beside: { measure: 'pixelAccuracy', value: pixelAccuracy } },
      perClass: perClass.map(({ classId, iou }) => ({
        label: this.#labels[classId] ?? String(classId),
        value: iou,
      })),
      resampled: drawTimes(pictures.length, draws).map((times) => of(times).miou),
    };
  }

  #truth(map: Uint8Array, width: number): Truth<MeanIouCounter> {
    return {
      holds: map.some((classId) => classId !== 255),
      compare: (found) => {
        const counter = new MeanIouCounter(this.#labels.length);
        counter.add(map, width, found);
        return counter;
      },
    };
  }
}
