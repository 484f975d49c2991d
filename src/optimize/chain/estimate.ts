import { comparedMethods } from '../calibrate/thresholds.ts';
import { defaultRefitOptions } from '../prune/refit.ts';
import type { ChainSettings } from './settings.ts';

export interface TimeEstimate {
  /** Work that is done whatever is found. */
  readonly minutes: number;
  /** What the search for layers in float may add, where the whole network in INT8 loses too much. */
  readonly searchMinutes: number;
}

/** What is known before the work begins. */
export interface WorkFacts {
  readonly calibration: number;
  readonly evaluation: number;
  /** One run of the float network, with decoding its answer. */
  readonly runMs: number;
  readonly isBased: boolean;
}

/** Without optimization and with every value copied out, a run takes so many times as long. */
const collecting = 3;
/** Warm-ups of the latency, and pictures of the golden set, counted once for each variant. */
const beside = 3 + 32;

/** How long the chain takes, in runs of the network. Loading, writing and the equations of a refit are not in it: seconds. */
export function estimateTime(
  { variants, method, searchMs, latencyRounds, prune }: ChainSettings,
  { calibration, evaluation, runMs, isBased }: WorkFacts,
): TimeEstimate {
  const forms = variants.filter((name) => name.startsWith('qdq')).length;
  const methods = method === 'auto' ? comparedMethods.length : 1;
  const models = variants.length + 2 + Number(isBased);
  const quantizing = forms === 0 ? 0 : calibration * (collecting + 1 + Number(isBased) + forms * methods);
  const measuring = models * (evaluation + latencyRounds + beside) + calibration;
  return {
    minutes: ((quantizing + measuring + pruningRuns(prune, { calibration, evaluation })) * runMs) / 60_000,
    searchMinutes: (forms * searchMs) / 60_000,
  };
}

/** The pruned network is measured once; a refit sees its pictures through the whole network and through the pruned one. */
function pruningRuns(
  prune: ChainSettings['prune'],
  { calibration, evaluation }: Pick<WorkFacts, 'calibration' | 'evaluation'>,
): number {
  if (prune === undefined) return 0;
  const refitting = prune.refit ? 2 * collecting * Math.min(calibration, defaultRefitOptions.pictures) : 0;
  const scoring = prune.importance === 'statistics' ? collecting * calibration : 0;
  return evaluation + prune.rounds * (refitting + scoring);
}
