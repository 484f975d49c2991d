import type { Picture } from '../../adapters/sharp/index.ts';
import type { Manifest } from '../../model/index.ts';
import type { Detection } from '../../perception/index.ts';
import {
  certaintyOf,
  OrderComparison,
  type OtherOrder,
  otherOrderOf,
  picturesForOrder,
} from '../pictures/colour-order.ts';
import type { AccuracyMeasure } from './accuracy.ts';

/** Whether the picture is among those on which the other order is tried: evenly spread, 64 at most. */
export function isTried(at: number, count: number): boolean {
  if (count <= picturesForOrder) return true;
  const place = (index: number) => Math.floor((index * picturesForOrder) / count);
  return at === 0 || place(at) !== place(at - 1);
}

/** Judges pictures with red and blue swapped too, by the same labels. */
export class OrderTrial {
  readonly #order: 'rgb' | 'bgr' | undefined;
  readonly #measure: AccuracyMeasure;
  readonly #byLabels = new OrderComparison();
  readonly #byScores = new OrderComparison();

  constructor({ input }: Pick<Manifest, 'input'>, measure: AccuracyMeasure) {
    this.#order = otherOrderOf(input);
    this.#measure = measure;
  }

  /** `ask`: the answer with red and blue swapped. */
  async add(
    path: string,
    picture: Picture,
    found: readonly Detection[],
    ask: () => Promise<readonly Detection[]>,
  ): Promise<void> {
    if (this.#order === undefined) return;
    const own = await this.#measure.alone(path, picture, found);
    if (own === undefined) return;
    const other = await ask();
    this.#byLabels.add(own, (await this.#measure.alone(path, picture, other)) ?? 0);
    this.#byScores.add(certaintyOf(found), certaintyOf(other));
  }

  /**
   * Mean accuracy of a picture in both orders. Undefined unless the other one is clearly better by the labels, or better by them and
   * clearly surer: a few dozen pictures alone say little by their labels.
   */
  get verdict(): OtherOrder | undefined {
    if (this.#order === undefined) return undefined;
    const means = this.#byLabels.means(this.#order);
    const isBetter = this.#byLabels.isClear || (means.other > means.own && this.#byScores.isClear);
    return isBetter ? means : undefined;
  }
}
