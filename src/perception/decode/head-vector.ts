import type { Head } from '../../model/index.ts';
import type { Segment } from './head-rows.ts';

/** The vector of a picture; undefined where it is not finite, or has no direction to be brought to length 1. */
export function vectorOf(
  { output, at, length, normalise }: NonNullable<Head['vector']>,
  { views }: Segment,
): Float32Array | undefined {
  const { data, start } = views[output]!;
  const values = data.slice(start + at, start + at + length);
  let squares = 0;
  for (const value of values) squares += value * value;
  const norm = Math.sqrt(squares);
  if (!Number.isFinite(norm) || (normalise !== undefined && norm === 0)) return undefined;
  return normalise === undefined ? values : values.map((value) => value / norm);
}
