import { rankOf } from './name-rank.ts';

/** A part of what has a name, by a hash of it. */
export interface Share {
  /** Another one divides otherwise. */
  readonly of: string;
  readonly toPercent: number;
}

/** A name always gets the same place of the same `of`, whichever others join or leave. */
export function isInShare(name: string, { of, toPercent }: Share): boolean {
  return placeInShare(name, of) < toPercent;
}

/** 0 to 100. */
export function placeInShare(name: string, of: string): number {
  return (spread(rankOf(`share/${of}`)(name)) / 2 ** 32) * 100;
}

/** Names that differ in their last letter are neighbours in rank, and would all be of one share (the end of MurmurHash 3). */
function spread(rank: number): number {
  let hash = Math.imul(rank ^ (rank >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
