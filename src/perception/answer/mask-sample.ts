import type { Mask } from '../detection.ts';
import { strideOf } from './task-answer.ts';

interface MaskSample {
  /** Cells that were looked at, and those of them that are the object's. */
  readonly looked: number;
  readonly within: number;
  /** Of those: to their right or below them it ends. */
  readonly edges: number;
  /** Cells that are clearly the object's, or clearly not. */
  readonly sure: number;
  /** One cell stands for so many. */
  readonly stride: number;
}

const level = 127;
/** Below a quarter and above three quarters. */
const [clearlyNot, clearly] = [64, 191];

/** Some cells of a mask, evenly spread: each of a large map would cost more than frames can wait. */
export function sampleMask({ values, columns }: Mask, most: number): MaskSample {
  const stride = strideOf(values.length, columns, most);
  let [looked, within, edges, sure] = [0, 0, 0, 0];
  for (let i = 0; i < values.length; i += stride) {
    const value = values[i]!;
    looked++;
    if (value < clearlyNot || value > clearly) sure++;
    if (value <= level) continue;
    within++;
    if ((i + 1) % columns !== 0 && values[i + 1]! <= level) edges++;
    if (i + columns < values.length && values[i + columns]! <= level) edges++;
  }
  return { looked, within, edges, sure, stride };
}
