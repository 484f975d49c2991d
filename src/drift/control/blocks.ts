import type { Random } from '../random.ts';

/**
 * A long series made of blocks of a recorded one, drawn with replacement (moving-block bootstrap, Kuensch 1989): what
 * follows closely in time stays together, so that the autocorrelation of video is in every threshold. Gives the indices
 * of blocks; a run of blocks that were neighbours is not kept.
 */
export function bootstrapOrder(blockCount: number, draws: number, random: Random): Uint32Array {
  return Uint32Array.from({ length: draws }, () => random.below(blockCount));
}
