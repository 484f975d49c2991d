/** How a frame is laid into a network's input. */
export interface Fit {
  /** One scale for both sides, and pad where the frame does not reach; else each side has its own. */
  readonly keepsAspect: boolean;
  /** Share of the pad that lies left of the frame and above it; an odd pixel goes to the right and the bottom. */
  readonly left: number;
  readonly top: number;
}

/**
 * Every fit: the manifest, the command line and the geometry read this table. `native/src/preprocess/letterbox.h` has the same
 * rows; a test compares what both make of each.
 */
export const fits = {
  center: { keepsAspect: true, left: 0.5, top: 0.5 },
  'top-left': { keepsAspect: true, left: 0, top: 0 },
  stretch: { keepsAspect: false, left: 0, top: 0 },
} as const satisfies Record<string, Fit>;

export type FitName = keyof typeof fits;
export const fitNames = Object.keys(fits) as readonly FitName[];
