/** Limits of length and depth, also for signed documents. */
export interface TrustLimits {
  readonly rootBytes: number;
  readonly timestampBytes: number;
  readonly snapshotBytes: number;
  readonly targetsBytes: number;
  /** New roots in one refresh. */
  readonly rootRotations: number;
  /** Roles that are looked at for one target. */
  readonly delegations: number;
}

export const trustLimits: TrustLimits = {
  rootBytes: 512_000,
  timestampBytes: 16_384,
  snapshotBytes: 2_000_000,
  targetsBytes: 5_000_000,
  rootRotations: 256,
  delegations: 32,
};
