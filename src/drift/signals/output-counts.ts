import type { Detection } from '../../perception/index.ts';
import { ksDistance } from '../detectors/kolmogorov-smirnov.ts';
import { mixDistance } from '../detectors/mix-distance.ts';
import { total } from '../detectors/total.ts';
import type { BoxMeasures } from './box-measures.ts';
import { addShape, type ClassShapes, shapeNumbers, shapesOf } from './class-shapes.ts';

/** The class of a box below this score is a guess. */
export const believedScore = 0.35;
export const scoreBins = 64;
/** Classes by name that are told apart; more share one place. */
const maxClasses = 128;

/** Distributions of the detector's output over a reference. */
export interface OutputReference {
  /** Counts of scores in equal bins over 0..1. */
  readonly scores: number[];
  readonly classes: Record<string, number>;
  /** Mean score of each class: a sign is surer than a far pedestrian. */
  classScores: Record<string, number>;
  readonly classShapes: ClassShapes;
}

/** Counts as they are kept over a restart. */
export interface OutputCountsState {
  readonly scores: readonly number[];
  readonly classes: readonly (readonly [label: string, count: number])[];
  /** Sum of scores, then those of `addShape`, whose first is the number of boxes. */
  readonly boxes: readonly (readonly [label: string, score: number, sums: readonly number[]])[];
}

/** Counts of scores and classes that may fade. Fixed memory. */
export class OutputCounts {
  readonly scores = new Float64Array(scoreBins);
  readonly classes = new Map<string, number>();
  readonly #boxes = new Map<string, { score: number; readonly sums: number[] }>();

  /** Every box of every frame. */
  addBox({ score, label }: Pick<Detection, 'score' | 'label'>, measures: BoxMeasures): void {
    if (Number.isNaN(score)) return;
    this.scores[Math.min(scoreBins - 1, Math.max(0, Math.floor(score * scoreBins)))]!++;
    const known = this.#boxesOf(label);
    if (known === undefined) return;
    known.score += score;
    addShape(known.sums, measures);
  }

  /** Undefined for a class too many. */
  #boxesOf(label: string): { score: number; readonly sums: number[] } | undefined {
    let known = this.#boxes.get(label);
    if (known === undefined && this.#boxes.size < maxClasses) {
      known = { score: 0, sums: new Array<number>(shapeNumbers).fill(0) };
      this.#boxes.set(label, known);
    }
    return known;
  }

  /** Every object once: a car that waits at a light is one car, not three hundred. `weight`: a share of the whole picture. */
  addObject(label: string, weight = 1): void {
    const name = this.classes.has(label) || this.classes.size < maxClasses ? label : '';
    this.classes.set(name, (this.classes.get(name) ?? 0) + weight);
  }

  get boxCount(): number {
    return total(this.scores);
  }

  get objects(): number {
    let sum = 0;
    for (const count of this.classes.values()) sum += count;
    return sum;
  }

  /**
   * Distance of Kolmogorov and Smirnov times the root of the number of objects, as in the test's own statistic: the scores of
   * one object are nearly one observation however many frames it has, and the distance of few objects is large by chance.
   */
  scoreKs(reference: OutputReference): number {
    return Math.sqrt(this.objects) * ksDistance(this.scores, reference.scores);
  }

  mixDistance({ classes }: OutputReference): number {
    return mixDistance(Object.fromEntries(this.classes), classes);
  }

  reference(): OutputReference {
    return {
      scores: [...this.scores],
      classes: Object.fromEntries(this.classes),
      classScores: Object.fromEntries(
        [...this.#boxes].map(([label, { score, sums }]) => [label, score / sums[0]!]),
      ),
      classShapes: shapesOf([...this.#boxes].map(([label, { sums }]) => [label, sums])),
    };
  }

  state(): OutputCountsState {
    return {
      scores: [...this.scores],
      classes: [...this.classes],
      boxes: [...this.#boxes].map(([label, { score, sums }]) => [label, score, [...sums]]),
    };
  }

  static resume({ scores, classes, boxes }: OutputCountsState): OutputCounts {
    const counts = new OutputCounts();
    counts.scores.set(scores);
    for (const [label, count] of classes) counts.classes.set(label, count);
    for (const [label, score, sums] of boxes) counts.#boxes.set(label, { score, sums: [...sums] });
    return counts;
  }

  /** With those of another count. */
  plus(other: OutputCountsState): this {
    for (const [i, count] of other.scores.entries()) this.scores[i]! += count;
    for (const [label, count] of other.classes) this.addObject(label, count);
    for (const [label, score, sums] of other.boxes) {
      const known = this.#boxesOf(label);
      if (known === undefined) continue;
      known.score += score;
      for (const [i, sum] of sums.entries()) known.sums[i]! += sum;
    }
    return this;
  }

  fade(factor: number, objectFactor: number): void {
    for (let i = 0; i < scoreBins; i++) this.scores[i]! *= factor;
    for (const [name, count] of this.classes) {
      if (count * objectFactor < 1e-3) this.classes.delete(name);
      else this.classes.set(name, count * objectFactor);
    }
  }

  clear(): void {
    this.scores.fill(0);
    this.classes.clear();
    this.#boxes.clear();
  }
}
