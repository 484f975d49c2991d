/** How the place usually looks: learned per time of day. */
export interface ViewReference {
  /** Mean luma of every cell, 0..255. */
  readonly grey: Uint8Array;
  /** Deviation of the smoothed luma over time, grey levels. */
  readonly spread: Uint8Array;
  /** Mean detail, as in Thumbnail. */
  readonly detail: Uint8Array;
}
