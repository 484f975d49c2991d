import type { Detection } from '../../perception/index.ts';
import { mixDistance } from '../detectors/chi-squared.ts';
import { HistogramSketch } from '../detectors/histogram-sketch.ts';
import { ksDistance } from '../detectors/kolmogorov-smirnov.ts';
import { psi } from '../detectors/psi.ts';

export const scoreBins = 64;
const areaBins = 6;
const rowBins = 6;
export const boxBins = areaBins * rowBins;
/** Classes by name that are told apart; more share one place. */
const maxClasses = 128;

/** Distributions of the detector's output over a reference. */
export interface OutputReference {
  /** Counts of scores in equal bins over 0..1. */
  readonly scores: number[];
  /** Counts of boxes by size and height in the picture. */
  readonly boxes: number[];
  readonly classes: Record<string, number>;
  /** Mean score of each class: a sign is surer than a far pedestrian. */
  classScores: Record<string, number>;
}

/** Counts as they are kept over a restart. */
export interface OutputCountsState {
  readonly scores: readonly number[];
  readonly boxes: readonly number[];
  readonly classes: readonly (readonly [label: string, count: number])[];
  readonly classScores: readonly (readonly [label: string, sum: number, count: number])[];
}

export interface BoxMeasures {
  readonly logArea: number;
  readonly logAspect: number;
  /** Centre, 0..1 of the picture. */
  readonly x: number;
  readonly y: number;
}

/** Undefined for a box or a score that is no number or has no area. */
export function measureBox(
  { score, box }: Detection,
  picture: { readonly width: number; readonly height: number },
): BoxMeasures | undefined {
  const w = (box.x2 - box.x1) / picture.width;
  const h = (box.y2 - box.y1) / picture.height;
  const x = (box.x1 + box.x2) / (2 * picture.width);
  const y = (box.y1 + box.y2) / (2 * picture.height);
  if (!Number.isFinite(score + w + h + x + y) || w <= 0 || h <= 0) return undefined;
  return { logArea: Math.log(Math.max(w * h, 1e-6)), logAspect: Math.log(w / h), x, y };
}

/** Counts of scores, boxes and classes that may fade. Fixed memory. */
export class OutputCounts {
  readonly scores = new HistogramSketch(0, 1, scoreBins);
  readonly boxes = new Float64Array(boxBins);
  readonly classes = new Map<string, number>();
  readonly #classScores = new Map<string, { sum: number; count: number }>();

  /** Every box of every frame. */
  addBox({ score, label }: Detection, { logArea, y }: BoxMeasures): void {
    this.scores.add(score);
    const known = this.#classScores.get(label);
    if (known !== undefined) {
      known.sum += score;
      known.count++;
    } else if (this.#classScores.size < maxClasses) this.#classScores.set(label, { sum: score, count: 1 });
    // Sizes from 1/4096 of the picture to all of it, by factors of four.
    const area = Math.min(areaBins - 1, Math.max(0, Math.floor(areaBins + logArea / Math.log(4))));
    const row = Math.min(rowBins - 1, Math.max(0, Math.floor(y * rowBins)));
    this.boxes[area * rowBins + row]!++;
  }

  /** Every object once: a car that waits at a light is one car, not three hundred. */
  addObject(label: string): void {
    const name = this.classes.has(label) || this.classes.size < maxClasses ? label : '';
    this.classes.set(name, (this.classes.get(name) ?? 0) + 1);
  }

  get objects(): number {
    let sum = 0;
    for (const count of this.classes.values()) sum += count;
    return sum;
  }

  /**
   * `scoreKs`: distance times the root of the number of objects, as in the test's own statistic: the scores of one object
   * are nearly one observation however many frames it has, and the distance of few objects is large by chance. `classChi2`:
   * root of chi-squared over its degrees. So few objects and many compare.
   */
  compare(reference: OutputReference): { scoreKs: number; boxPsi: number; classChi2: number } {
    const names = [...new Set([...Object.keys(reference.classes), ...this.classes.keys()])];
    const total = Object.values(reference.classes).reduce((sum, count) => sum + count, 0);
    return {
      scoreKs: Math.sqrt(this.objects) * ksDistance(this.scores.bins, reference.scores),
      boxPsi: psi(this.boxes, reference.boxes, 5e-3),
      classChi2: Math.sqrt(
        (this.objects / Math.max(1, names.length - 1)) *
          mixDistance(
            names.map((name) => this.classes.get(name) ?? 0),
            names.map((name) => (reference.classes[name] ?? 0) / Math.max(1, total)),
          ),
      ),
    };
  }

  reference(): OutputReference {
    return {
      scores: [...this.scores.bins],
      boxes: [...this.boxes],
      classes: Object.fromEntries(this.classes),
      classScores: Object.fromEntries(
        [...this.#classScores].map(([label, { sum, count }]) => [label, sum / count]),
      ),
    };
  }

  state(): OutputCountsState {
    return {
      scores: [...this.scores.bins],
      boxes: [...this.boxes],
      classes: [...this.classes],
      classScores: [...this.#classScores].map(([label, { sum, count }]) => [label, sum, count]),
    };
  }

  static resume({ scores, boxes, classes, classScores }: OutputCountsState): OutputCounts {
    const counts = new OutputCounts();
    counts.scores.bins.set(scores);
    counts.scores.total = scores.reduce((sum, count) => sum + count, 0);
    counts.boxes.set(boxes);
    for (const [label, count] of classes) counts.classes.set(label, count);
    for (const [label, sum, count] of classScores) counts.#classScores.set(label, { sum, count });
    return counts;
  }

  fade(factor: number, objectFactor: number): void {
    this.scores.fade(factor);
    for (let i = 0; i < this.boxes.length; i++) this.boxes[i]! *= factor;
    for (const [name, count] of this.classes) {
      if (count * objectFactor < 1e-3) this.classes.delete(name);
      else this.classes.set(name, count * objectFactor);
    }
  }

  clear(): void {
    this.scores.clear();
    this.boxes.fill(0);
    this.classes.clear();
    this.#classScores.clear();
  }
}
