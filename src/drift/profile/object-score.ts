import { ShiftEvidence } from '../detectors/shift-evidence.ts';
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

/** `minutes[bucket][block][second]`. Undefined where too few objects came, or no tracker runs. */
export function learnScore(
  minutes: readonly (readonly (readonly ObjectScores[])[])[],
): LearnedScore | undefined {
  const all = sumOf(minutes.flat(2));
  if (all.count < leastObjects) return undefined;
  const mean = all.sum / all.count;
  const means = minutes.map((blocks) => {
    const { count, sum } = sumOf(blocks.flat());
    return Number(((sum + leastObjects * mean) / (count + leastObjects)).toPrecision(6));
  });
  let strayed = 0;
  for (const [bucket, blocks] of minutes.entries())
    for (const seconds of blocks) {
      const { count, sum } = sumOf(seconds);
      strayed += (sum - count * means[bucket]!) ** 2;
    }
  const blockCount = minutes.reduce((sum, blocks) => sum + blocks.length, 0);
  const weight = blockCount / (blockCount + priorMinutes);
  const independent = all.squares / all.count - mean * mean;
  const variance = (weight * strayed) / all.count + (1 - weight) * independent;
  // A detector that gives every object the same score would make any change infinitely sure.
  return { means, deviation: Number(Math.sqrt(Math.max(variance, leastDeviation ** 2)).toPrecision(6)) };
}

const leastDeviation = 0.03;

/** Turns the scores of a second's objects into evidence that they have fallen. */
export class ObjectScoreJudge {
  readonly #deviation: number;
  readonly #evidence = new ShiftEvidence(1, true);
  readonly #white = new Float64Array(1);

  constructor(deviation: number) {
    this.#deviation = deviation;
  }

  /** Nats; NaN where no object said anything. */
  add({ count, sum }: ObjectScores, mean: number): number {
    if (count === 0) return Number.NaN;
    this.#white[0] = (sum - count * mean) / this.#deviation;
    return this.#evidence.add(this.#white, count);
  }

  reset(): void {
    this.#evidence.reset();
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
