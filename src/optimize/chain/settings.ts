import type { CalibrationMethod } from '../calibrate/thresholds.ts';
import type { PruneSettings } from '../prune/prune.ts';

/** Variants that a bundle may hold, by the names of its manifest. */
export type VariantName = 'fp32' | 'fp16' | 'weights-int8' | 'qdq-s8' | 'qdq-u8';

export interface ChainSettings {
  /** undefined: no pruning. */
  readonly prune: PruneSettings | undefined;
  /** How ranges are chosen; `auto`: as detections agree with the float model's on calibration pictures. */
  readonly method: CalibrationMethod | 'auto';
  readonly variants: readonly VariantName[];
  /** Accuracy that a variant may lose against the source model on the evaluation set, 0..1. */
  readonly maxDrop: number;
  /** Largest integer of a weight: 127, or 63 for x86 without VNNI. */
  readonly weightLimit: 127 | 63;
  /** Leaves the variants at one picture per run; default: several where the graph proves that pictures do not meet. */
  readonly fixedBatch?: boolean;
  /** Time for the search of one form; then what was found so far is taken. */
  readonly searchMs: number;
  readonly latencyRounds: number;
  /** Ships variants that miss the budget, and says so. */
  readonly force: boolean;
}

/**
 * Share of the budget that the search may spend on the calibration side. The rest is for the luck of whoever is chosen there:
 * the evaluation set decides, with the bad end of its interval, and it is looked at once.
 */
export const searchShare = 0.6;
