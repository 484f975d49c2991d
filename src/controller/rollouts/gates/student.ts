import { studentQuantile, studentTail } from '../../../base/index.ts';
import type { Finding } from './finding.ts';
import type { Comparison } from './table.ts';

/** An estimate whose error has Student's distribution. */
export interface StudentEstimate {
  readonly estimate: number;
  readonly deviation: number;
  readonly freedom: number;
}

/** The bounds of a finding. */
export function studentBounds({
  estimate,
  deviation,
  freedom,
}: StudentEstimate): Pick<Finding, 'estimate' | 'deviation' | 'upper' | 'lower'> {
  return {
    estimate,
    deviation,
    upper: (tail) => estimate + studentQuantile(tail, freedom) * deviation,
    lower: (tail) => estimate - studentQuantile(tail, freedom) * deviation,
  };
}

/** P(`beyond` or more) where nothing was changed; an estimate of both directions is a size, so both tails count. */
export function studentPValue(
  { direction }: Pick<Comparison, 'direction'>,
  { deviation, freedom }: StudentEstimate,
  beyond: number,
): number {
  const tail = studentTail(beyond / deviation, freedom);
  return direction === 'both' ? Math.min(1, 2 * tail) : tail;
}
