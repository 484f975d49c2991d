const oldestNs = 10_000_000_000n;
const furthestAheadNs = 1_000_000_000n;

/**
 * Whether a stamp tells nothing of when the picture was taken: a driver without stamps (zero), a bag that is played without its clock, a
 * clock that was never set. Between these bounds a camera may be slow, and its clock a little ahead.
 */
export function isStaleStamp(stampNs: bigint, arrivedNs: bigint): boolean {
  return stampNs <= 0n || arrivedNs - stampNs > oldestNs || stampNs - arrivedNs > furthestAheadNs;
}
