import type { InputContract } from '../../model/index.ts';
import {
  type Detection,
  defaultDetectionSettings,
  type Image,
  isClearlyMore,
} from '../../perception/index.ts';

/** The other order of red and blue, which gives clearly more on the same pictures. */
export interface OtherOrder {
  readonly order: 'rgb' | 'bgr';
  readonly pictures: number;
  /** Means of a picture in both orders: scores added up, or accuracy from 0 to 1. */
  readonly own: number;
  readonly other: number;
}

/** So many tell the orders apart; 16 are too few for most networks. */
export const picturesForOrder = 64;

/** Undefined: the input has one channel. */
export function otherOrderOf({ colorOrder }: Pick<InputContract, 'colorOrder'>): 'rgb' | 'bgr' | undefined {
  if (colorOrder === 'grey') return undefined;
  return colorOrder === 'rgb' ? 'bgr' : 'rgb';
}

/** The same bytes, red taken for blue. */
export function swapped<P extends Pick<Image, 'encoding'>>(
  picture: P,
): P & { readonly encoding: 'rgb8' | 'bgr8' } {
  return { ...picture, encoding: picture.encoding === 'bgr8' ? 'rgb8' : 'bgr8' };
}

/** What each picture gives in both orders. */
export class OrderComparison {
  readonly #own: number[] = [];
  readonly #other: number[] = [];

  add(own: number, other: number): void {
    this.#own.push(own);
    this.#other.push(other);
  }

  /** The other order is clearly better. */
  get isClear(): boolean {
    return isClearlyMore(this.#other, this.#own);
  }

  means(order: 'rgb' | 'bgr'): OtherOrder {
    const pictures = this.#own.length;
    const mean = (values: readonly number[]) => values.reduce((total, value) => total + value, 0) / pictures;
    return { order, pictures, own: mean(this.#own), other: mean(this.#other) };
  }
}

/** How sure a model is of what it finds on a picture. */
export function certaintyOf(found: readonly Detection[]): number {
  const { scoreThreshold } = defaultDetectionSettings;
  return found.reduce((sum, { score }) => sum + (score >= scoreThreshold ? score : 0), 0);
}
