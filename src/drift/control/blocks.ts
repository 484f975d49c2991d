import type { Random } from '../random.ts';

/**
 * A long series made of blocks of a recorded one, drawn with replacement (moving-block bootstrap, Kuensch 1989): what
 * follows closely in time stays together, so that the autocorrelation of video is in every threshold. Gives the indices
 * of blocks; a run of blocks that were neighbours is not kept.
 */
export function bootstrapOrder(blockCount: number, draws: number, random: Random): Uint32Array {
  return Uint32Array.from({ length: draws }, () => random.below(blockCount));
}

/** Autocorrelation at one lag, over the blocks; pairs across a border of blocks and NaN do not count. */
export function autocorrelation(blocks: readonly Float32Array[], lag: number): number {
  let count = 0;
  let sum = 0;
  let squares = 0;
  for (const block of blocks)
    for (const x of block) {
      if (Number.isNaN(x)) continue;
      count++;
      sum += x;
      squares += x * x;
    }
  const mean = sum / count;
  const variance = squares / count - mean * mean;
  let pairs = 0;
  let products = 0;
  for (const block of blocks)
    for (let i = lag; i < block.length; i++) {
      const product = (block[i]! - mean) * (block[i - lag]! - mean);
      if (Number.isNaN(product)) continue;
      pairs++;
      products += product;
    }
  return variance > 0 && pairs > 0 ? products / pairs / variance : 0;
}
