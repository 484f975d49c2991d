import type { ResampledScore } from '../../../optimize/index.ts';
import {
  type Detection,
  type DetectionSettings,
  type EvaluatedImage,
  evaluate,
  resampledMaps,
  type TruthBox,
  type TruthForm,
} from '../../../perception/index.ts';
import { comparedTo } from '../../evaluate/compared.ts';
import { readTruth } from '../../pictures/labelled-folder.ts';
import type { PictureSet, PreparedPicture } from '../pictures.ts';
import type { TaskJudge, Truth } from './judge.ts';

/** As COCO is evaluated: every class of every box, and nothing cut off before it counts. */
const rules: DetectionSettings = {
  scoreThreshold: 0.01,
  iouThreshold: 0.65,
  maxDetections: 100,
  classes: [],
};

/** COCO's mAP of boxes, and of masks, corners or points where the labels have them. */
export class BoxJudge implements TaskJudge<EvaluatedImage> {
  readonly rules = rules;
  readonly standInRules = { ...rules, scoreThreshold: 0.3, iouThreshold: 0.45 };
  readonly multiLabel = true;
  readonly #labels: readonly string[];
  readonly #form: TruthForm;

  constructor(labels: readonly string[], form: TruthForm) {
    this.#labels = labels;
    this.#form = form;
  }

  async read({ labels }: PictureSet, _index: number, picture: PreparedPicture) {
    const truth = await readTruth(labels ?? '', picture, this.#labels.length, this.#form);
    return this.#truth(truth, picture);
  }

  standIn(found: readonly Detection[], picture: PreparedPicture): Truth<EvaluatedImage> {
    const truth = found.map((detection): TruthBox => {
      const { keypoints, ...box } = comparedTo(detection, picture, this.#form);
      const points = keypoints?.map(({ x, y, score = 1 }) => ({ x, y, marked: score >= seen }));
      return this.#form === 'points' && points !== undefined ? { ...box, points } : box;
    });
    return this.#truth(truth, picture);
  }

  score(images: readonly EvaluatedImage[], draws: number): ResampledScore {
    const { map, ap50, perClass } = evaluate(images);
    return {
      ...{ measure: 'map', value: map, beside: { measure: 'ap50', value: ap50 } },
      resampled: resampledMaps(images, draws),
      perClass: perClass.map(({ classId, ap }) => ({
        label: this.#labels[classId] ?? String(classId),
        value: ap,
      })),
    };
  }

  #truth(truth: readonly TruthBox[], picture: PreparedPicture): Truth<EvaluatedImage> {
    return {
      holds: truth.length > 0,
      compare: (found) => ({
        truth,
        detections: found.map((detection) => comparedTo(detection, picture, this.#form)),
      }),
    };
  }
}

/** A point that the float model is less sure of is not compared. */
const seen = 0.5;
