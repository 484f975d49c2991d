import type { MeasureName } from '../../../model/index.ts';
import type { ResampledScore } from '../../../optimize/index.ts';
import { type Detection, type DetectionSettings, resampledMeans } from '../../../perception/index.ts';
import type { PictureSet, PreparedPicture } from '../pictures.ts';

/** What is to be found on one picture. */
export interface Truth<Outcome> {
  /** False: there is nothing, so it proves nothing alone. */
  readonly holds: boolean;
  compare(found: readonly Detection[]): Outcome;
}

/** How answers of one task are judged: by what people wrote of the pictures, or by what the float model says of them. */
export interface TaskJudge<Outcome = unknown> {
  readonly rules: DetectionSettings;
  /** With these the float model's own answers stand in for truth. */
  readonly standInRules: DetectionSettings;
  /** Every class counts, not the best alone. */
  readonly multiLabel: boolean;
  read(set: PictureSet, index: number, picture: PreparedPicture): Promise<Truth<Outcome>>;
  standIn(found: readonly Detection[], picture: PreparedPicture): Truth<Outcome>;
  /** `draws`: how often the pictures are drawn anew, for intervals. */
  score(outcomes: readonly Outcome[], draws: number): ResampledScore;
}

/** One answer for the whole picture. */
export const wholeRules: DetectionSettings = {
  ...{ scoreThreshold: 0, iouThreshold: 1, maxDetections: 1, classes: [] },
};

/** A picture whose answer is right or near by so much, 0..1. */
export interface PictureOutcome {
  readonly value: number;
  readonly beside: number;
  /** Label of its truth. */
  readonly label?: string;
}

/** The mean over the pictures. */
export function meanScore(
  outcomes: readonly PictureOutcome[],
  [measure, second]: readonly [MeasureName, MeasureName],
  draws: number,
): ResampledScore {
  const mean = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  const values = outcomes.map(({ value }) => value);
  const labels = [...new Set(outcomes.flatMap(({ label }) => label ?? []))];
  return {
    measure,
    value: mean(values),
    beside: { measure: second, value: mean(outcomes.map(({ beside }) => beside)) },
    perClass: labels.map((label) => ({
      label,
      value: mean(outcomes.filter((outcome) => outcome.label === label).map(({ value }) => value)),
    })),
    resampled: resampledMeans(values, draws),
  };
}
