import type { Sums } from './expected.ts';

/** A change of one subject, real or pretended: blocks before it (none: they do not count), blocks left out, blocks after it. */
export interface Change {
  readonly at: number;
  readonly before: number;
  readonly settle: number;
  readonly after: number;
}

export interface Contrast {
  /** How much more than usual after the change, and before it. */
  readonly after: number;
  readonly before: number;
  /** One over what was expected after it: counts of little stray more. */
  readonly scarcity: number;
}

/** Of what is usual: added on both sides, so that nothing at all is a great change and not an infinite one. */
const least = 0.01;
/** Share of the blocks of a window that must be there. */
const complete = 0.5;

/** Undefined where too many blocks are missing. */
export function contrastOf(sums: Sums, change: Change, scale: 'log' | 'linear'): Contrast | undefined {
  const from = change.at + change.settle;
  const after = excess(sums, from, from + change.after, scale);
  if (after === undefined) return undefined;
  if (change.before === 0) return { after: after.excess, before: 0, scarcity: after.scarcity };
  const before = excess(sums, change.at - change.before, change.at, scale);
  if (before === undefined) return undefined;
  return { after: after.excess, before: before.excess, scarcity: after.scarcity };
}

function excess(sums: Sums, from: number, to: number, scale: 'log' | 'linear') {
  if (from < 0 || to >= sums.seen.length || to <= from) return undefined;
  const blocks = sums.blocks[to]! - sums.blocks[from]!;
  if (blocks < complete * (to - from)) return undefined;
  const seen = sums.seen[to]! - sums.seen[from]!;
  const expected = sums.expected[to]! - sums.expected[from]!;
  const weight = sums.weight[to]! - sums.weight[from]!;
  if (scale === 'linear') return { excess: (seen - expected) / weight, scarcity: 1 / weight };
  const some = least * sums.usual * blocks;
  if (!(expected + some > 0) || !(seen + some > 0)) return undefined;
  return { excess: Math.log((seen + some) / (expected + some)), scarcity: 1 / (expected + some) };
}
