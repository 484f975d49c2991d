import type { InputContract, OutputContract } from '../../model/index.ts';
import type { Candidates } from './candidates.ts';

/** One output of the network. */
export interface OutputTensor {
  readonly name: string;
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

/** Name and shape as a model file declares it; a size that is not a positive number is not known before the run. */
export interface TensorShape {
  readonly name: string;
  readonly dims: readonly (number | string | bigint | null)[];
}

export interface DecodeContext {
  readonly input: Pick<InputContract, 'width' | 'height'>;
  readonly output: OutputContract;
  readonly classCount: number;
  /** Smallest score that becomes a candidate. */
  readonly scoreThreshold: number;
  /**
   * false (live): a box has its best class. true (COCO's way of evaluating): every class of a box that reaches the
   * threshold is a candidate of its own.
   */
  readonly multiLabel: boolean;
  /** 1 per class that is wanted; absent: all. A box whose best class is not wanted is dropped, not renamed. */
  readonly wanted?: Uint8Array | undefined;
}

/** How one family of networks writes its boxes. */
export interface Decoder {
  /** In words, with N boxes and C classes, for error messages: `1 x N x (5 + C)`. */
  readonly layout: string;
  /** Of its output; default 3. */
  readonly axes?: number;
  /** The network chose its boxes itself: NMS would drop what it wants to keep. */
  readonly finalBoxes?: true;
  /** What is wrong with these shapes in words, or undefined; sizes of 0 are not known. `tensors` has one entry. */
  check(shape: readonly number[], classCount: number, context: ShapeContext): string | undefined;
  decode(tensor: OutputTensor, context: DecodeContext, into: Candidates): void;
}

export interface ShapeContext {
  readonly input: Pick<InputContract, 'width' | 'height'>;
  readonly strides: readonly number[];
}

export const defaultStrides: readonly number[] = [8, 16, 32];

/** Cells of all grids: the number of boxes of an anchor-free head. */
export function cellCount(
  input: Pick<InputContract, 'width' | 'height'>,
  strides: readonly number[],
): number {
  let cells = 0;
  for (const stride of strides) cells += Math.floor(input.width / stride) * Math.floor(input.height / stride);
  return cells;
}

/**
 * Exporters give networks that choose their boxes themselves 100 to 1000 of them, mostly 300; such a number of rows is no
 * grid, nor three anchors of one. Decides where a network of one class has as many columns as one with final boxes.
 */
export function isCountOfFinalBoxes(rows: number, { input, strides }: ShapeContext): boolean {
  const cells = cellCount(input, strides);
  return rows >= 100 && rows <= 1000 && rows % 100 === 0 && rows !== cells && rows !== 3 * cells;
}

/**
 * Calls `found(classId, score)` for the classes of one box that are wanted; class scores lie at
 * data[start + c * step], and a score is `factor` times that.
 */
export function eachClass(
  data: Float32Array,
  start: number,
  step: number,
  factor: number,
  context: DecodeContext,
  found: (classId: number, score: number) => void,
): void {
  const { classCount, scoreThreshold, multiLabel, wanted } = context;
  if (multiLabel) {
    for (let c = 0, i = start; c < classCount; c++, i += step) {
      const score = factor * data[i]!;
      // Written so that NaN goes on to the candidates, where it is counted.
      if (!(score < scoreThreshold) && (wanted === undefined || wanted[c] === 1)) found(c, score);
    }
    return;
  }
  const best = bestClass(data, start, step, classCount);
  const score = factor * data[start + best * step]!;
  if (!(score < scoreThreshold) && (wanted === undefined || wanted[best] === 1)) found(best, score);
}

/** Index of the largest score, the first of equals; a NaN wins so that it is counted and not hidden. */
export function bestClass(data: Float32Array, start: number, step: number, classCount: number): number {
  let best = 0;
  let top = data[start]!;
  for (let c = 1, i = start + step; c < classCount; c++, i += step) {
    const value = data[i]!;
    if (!(value <= top)) {
      if (Number.isNaN(top)) break;
      best = c;
      top = value;
    }
  }
  return best;
}
