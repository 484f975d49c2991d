import {
  type CalibrationMethod,
  type ChainSettings,
  defaultPruneSettings,
  type Importance,
  type VariantName,
} from '../../optimize/index.ts';
import type { BatchChoice } from '../import/batch.ts';
import type { InputOptions } from '../import/input-options.ts';

export interface OptimizeOptions extends InputOptions {
  readonly decoder?: string;
  /** Default: the names that the file has. */
  readonly labels?: string;
  readonly base?: string;
  readonly calibration: string;
  readonly evaluation: string;
  /** Values of a map of distances that are a metre; default 1000. */
  readonly perMetre?: number;
  /** Pictures to choose the golden set from; default: those of the evaluation. */
  readonly golden?: string;
  /** Measures and writes latency and memory. */
  readonly budgets?: boolean;
  readonly out: string;
  readonly prune?: number;
  readonly pruneScope: 'global' | 'layer';
  readonly importance: Importance;
  readonly rounds: number;
  readonly refit: boolean;
  readonly writePruned?: string;
  readonly method: CalibrationMethod | 'auto';
  /** Minutes that the search of one form may take. */
  readonly searchMinutes: number;
  readonly variants: readonly VariantName[];
  readonly withoutFp32?: boolean;
  readonly maxDrop: number;
  /** Pictures per run; default: any number where the network proves that it can, else one. */
  readonly batch?: BatchChoice;
  readonly reduceRange?: boolean;
  readonly limit?: number;
  readonly embedding?: string;
  readonly name?: string;
  readonly modelVersion: string;
  readonly licence: string;
  readonly replace?: boolean;
  readonly force?: boolean;
}

/** As the chain takes them. */
export function settingsOf(options: OptimizeOptions): ChainSettings {
  return {
    prune:
      options.prune === undefined || options.prune === 0
        ? undefined
        : {
            ...defaultPruneSettings,
            options: { ...defaultPruneSettings.options, ratio: options.prune, scope: options.pruneScope },
            importance: options.importance,
            rounds: options.rounds,
            refit: options.refit,
          },
    method: options.method,
    variants: options.variants,
    maxDrop: options.maxDrop / 100,
    weightLimit: options.reduceRange === true ? 63 : 127,
    ...(options.batch === '1' ? { fixedBatch: true } : {}),
    searchMs: options.searchMinutes * 60_000,
    latencyRounds: 40,
    force: options.force === true,
  };
}
