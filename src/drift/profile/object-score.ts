import { rounded } from '../rounded.ts';
import type { ObjectScores } from '../signals/tracked-objects.ts';

/** What objects usually have in score above or below the mean of their class. */
export interface LearnedScore {
  /** One per time of day. */
  readonly means: readonly number[];
  /** Of one object, as the sums over whole minutes stray: objects of one minute share its light. */
  readonly deviation: number;
}

/** Objects from which it is learned at least; a time of day with few of them leans on the others as much. */
const leastObjects = 60;
/** Minutes of independent objects that are counted in: few minutes are no variance. */
const priorMinutes = 2;

/** Sums over minutes of what objects said: [n, sum, squares, minutes, sum^2, n x sum, n^2], the last three minute by minute. */
export type MinuteScores = Float64Array;
export const scoreNumbers = 7;

export function addMinute(sums: MinuteScores, seconds: readonly ObjectScores[]): void {
  const { count, sum, squares } = sumOf(seconds);
  for (const [i, value] of [count, sum, squares, 1, sum * sum, count * sum, count * count].entries())
    sums[i]! += value;
}

/** One set of minutes per time of day. Undefined where too few objects came, or no tracker runs. */
export function learnScore(times: readonly MinuteScores[]): LearnedScore | undefined {
  const all = new Float64Array(scoreNumbers);
  for (const sums of times) for (const [i, value] of sums.entries()) all[i]! += value;
  const [objects, total, squares, minutes] = [all[0]!, all[1]!, all[2]!, all[3]!];
  if (objects < leastObjects) return undefined;
  const mean = total / objects;
  const means = times.map(([count, sum]) => rounded((sum! + leastObjects * mean) / (count! + leastObjects)));
  let strayed = 0;
  for (const [time, sums] of times.entries()) {
    const usual = means[time]!;
    // Sum over minutes of (sum - n x usual)^2.
    strayed += sums[4]! - 2 * usual * sums[5]! + usual * usual * sums[6]!;
  }
  const weight = minutes / (minutes + priorMinutes);
  const independent = squares / objects - mean * mean;
  const variance = (weight * strayed) / objects + (1 - weight) * independent;
  // A detector that gives every object the same score would make any change infinitely sure.
  return { means, deviation: rounded(Math.sqrt(Math.max(variance, leastDeviation ** 2))) };
}

const leastDeviation = 0.03;

/** Objects in which the running estimate of the shift fades to 1/e. */
const memoryObjects = 80;
/** Objects of the reference that the estimate begins with, so that the first few say little. */
const priorObjects = 40;

/**
 * Evidence that the scores of objects have fallen, in nats: log-likelihood ratio of the second under a shift that is estimated
 * from the seconds before it (plug-in of Robbins and Siegmund 1974; its CUSUM is the adaptive one of Lorden and Pollak 2005),
 * Gaussian, in units of the reference's own spread. Nothing is looked at in a window, so a change is found when its objects
 * have said enough, however fast they come.
 */
export class ObjectScoreTest {
  readonly #deviation: number;
  #sum = 0;
  #objects = 0;

  constructor(deviation: number) {
    this.#deviation = deviation;
  }

  /** Nats; NaN where no object said anything. */
  add({ count, sum }: ObjectScores, mean: number): number {
    if (count === 0) return Number.NaN;
    const white = (sum - count * mean) / this.#deviation;
    const shift = Math.min(0, this.#sum / (this.#objects + priorObjects));
    const fade = Math.exp(-count / memoryObjects);
    this.#sum = this.#sum * fade + white;
    this.#objects = this.#objects * fade + count;
    return shift * white - (count * shift * shift) / 2;
  }

  reset(): void {
    this.#sum = 0;
    this.#objects = 0;
  }
}

function sumOf(seconds: readonly ObjectScores[]): ObjectScores {
  let [count, sum, squares] = [0, 0, 0];
  for (const said of seconds) {
    count += said.count;
    sum += said.sum;
    squares += said.squares;
  }
  return { count, sum, squares };
}
