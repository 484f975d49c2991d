import type { Comparison } from './table.ts';

/** What the blocks say of one comparison, on its scale; harm is positive. */
export interface Finding {
  readonly kind: 'found';
  readonly estimate: number;
  /** Deviation of the estimate where nothing was changed; undefined where the bounds are exact. */
  readonly deviation: number | undefined;
  /** P(so much harm or more) where the new model is as good as the one before. */
  readonly pValue: number;
  /** The harm that is below this with probability 1 - `tail`, and the one that it is above. */
  upper(tail: number): number;
  lower(tail: number): number;
  readonly method: string;
  /** Of a level: what its chance was measured by. */
  readonly by?: Measure;
  readonly sides: Sides;
}

/** Pretended changes, over whole days or over the hours just before, or ranks of devices. */
export type Measure =
  | { readonly kind: 'history'; readonly freedom: number; readonly days: boolean }
  | { readonly kind: 'ranks'; readonly treated: number; readonly controls: number };

export interface Sides {
  readonly treated: { readonly subjects: number; readonly blocks: number };
  readonly control: { readonly subjects: number; readonly blocks: number };
}

/** Nothing can be said. */
export interface Missing {
  readonly kind: 'missing';
  /** `nothing`: there is no data; `thin`: there is, and it does not settle anything. */
  readonly outcome: 'nothing' | 'thin';
  readonly why: string;
  readonly settle: string;
  readonly sides: Sides;
}

export type Look = Finding | Missing;

/** Which way is harm: a difference of treated minus control, turned so that harm is positive. */
export function harmOf({ direction }: Pick<Comparison, 'direction'>, difference: number): number {
  if (direction === 'both') return Math.abs(difference);
  return direction === 'down' ? -difference : difference;
}
