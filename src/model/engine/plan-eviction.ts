/** A plan on the disk, or what an ended build left of one. */
export interface CachedPlan {
  readonly key: string;
  readonly bytes: number;
  /** When it was opened last, milliseconds since 1970. */
  readonly usedMs: number;
}

export interface PlanRoom {
  /** All plans together. */
  readonly mostBytes: number;
  /** On the disk now. */
  readonly freeBytes: number;
  /** Below that nothing is built. */
  readonly leastFreeBytes: number;
}

/**
 * Keys of the plans that must go so that the cache keeps its bound and the disk has room for a build: the one that was not
 * opened for the longest time first, and none that is in use.
 */
export function plansToEvict(
  plans: readonly CachedPlan[],
  inUse: ReadonlySet<string>,
  { mostBytes, freeBytes, leastFreeBytes }: PlanRoom,
): string[] {
  let excess = plans.reduce((sum, { bytes }) => sum + bytes, 0) - mostBytes;
  let lacking = leastFreeBytes - freeBytes;
  const evicted: string[] = [];
  const candidates = plans.filter(({ key }) => !inUse.has(key)).sort((a, b) => a.usedMs - b.usedMs);
  for (const { key, bytes } of candidates) {
    if (excess <= 0 && lacking <= 0) break;
    evicted.push(key);
    excess -= bytes;
    lacking -= bytes;
  }
  return evicted;
}
