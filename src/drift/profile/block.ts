import type { SeenObjects } from '../signals/tracked-objects.ts';

/** Seconds in one block: longer than cars wait at a light, short enough for some tens of them in an hour. */
export const blockTicks = 60;

/** A stretch of uninterrupted seconds. */
export interface Block {
  /** Minutes of its time of day that came before it. */
  readonly minute: number;
  /** blockTicks x baseCount. */
  readonly base: Float32Array;
  readonly embeddings: readonly (Float64Array | undefined)[];
  readonly objects: readonly SeenObjects[];
}
