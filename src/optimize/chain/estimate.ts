import { comparedMethods } from '../calibrate/thresholds.ts';
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

/** How long the chain takes, in runs of the network. Loading, writing and pruning are not in it: seconds, and a warning. */
export function estimateTime(
  { variants, method, searchMs, latencyRounds }: ChainSettings,
  { calibration, evaluation, runMs, isBased }: WorkFacts,
): TimeEstimate {
  const forms = variants.filter((name) => name.startsWith('qdq')).length;
  const methods = method === 'auto' ? comparedMethods.length : 1;
  const models = variants.length + 2 + Number(isBased);
  const quantizing = forms === 0 ? 0 : calibration * (collecting + 1 + Number(isBased) + forms * methods);
  const measuring = models * (evaluation + latencyRounds + beside) + calibration;
  return {
    minutes: ((quantizing + measuring) * runMs) / 60_000,
    searchMinutes: (forms * searchMs) / 60_000,
  };
}
