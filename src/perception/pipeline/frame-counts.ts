/**
 * `paused`: the camera is switched off. `closed`: the pipeline ended, or a recording's graph was replaced. `overflow`: a source with policy `every` did not
 * wait. `failed`: the worker could not read it. `timeout`: the worker did not answer in time.
 */
export const dropReasons = ['paused', 'closed', 'overflow', 'failed', 'timeout'] as const;
export type DropReason = (typeof dropReasons)[number];

/**
 * Frames that a node was not meant to see. `every`: it takes every n-th. `motion`: nothing moved. `empty`: its parent
 * found nothing for it. `budget`: a shadow has used its share of the engines. `slot`: there is no such model now.
 * `thinned`: the device gives way to hold what it promised.
 */
export const skipReasons = ['every', 'motion', 'empty', 'budget', 'slot', 'thinned'] as const;
export type SkipReason = (typeof skipReasons)[number];

/** received = processed + superseded + all of dropped + all of skipped + waiting + inFlight, at every moment. */
export interface FrameCounts {
  readonly received: number;
  readonly processed: number;
  readonly superseded: number;
  readonly dropped: Readonly<Record<DropReason, number>>;
  readonly skipped: Readonly<Record<SkipReason, number>>;
  readonly waiting: number;
  readonly inFlight: number;
}

/** The counts of what is behind a queue; what waits and what is under way is the queue's own. */
export class FrameTally {
  received = 0;
  processed = 0;
  superseded = 0;
  readonly dropped: Record<DropReason, number> = { paused: 0, closed: 0, overflow: 0, failed: 0, timeout: 0 };
  readonly skipped: Record<SkipReason, number> = {
    every: 0,
    motion: 0,
    empty: 0,
    budget: 0,
    slot: 0,
    thinned: 0,
  };

  counts(waiting: number, inFlight: number): FrameCounts {
    const { received, processed, superseded, dropped, skipped } = this;
    return {
      ...{ received, processed, superseded, waiting, inFlight },
      dropped: { ...dropped },
      skipped: { ...skipped },
    };
  }
}
