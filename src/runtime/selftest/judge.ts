import { defined } from '../../base/index.ts';
import { agreement, goldenRules } from '../../model/index.ts';
import type { EngineOutcome } from '../trials/job.ts';
import { type EngineLog, engineLogWords } from './engine-log.ts';
import { fails, type Trial, works } from './trial.ts';

/* What an outcome says of an engine; pure. */

/** With the processor's answers in full precision, where the bundle has no golden set with bounds of its own. */
const leastAlike = { exact: 0.95, quantized: 0.8 } as const;

export interface Judged {
  readonly name: string;
  readonly outcome: EngineOutcome;
  /** Of the processor; undefined for the processor itself. */
  readonly baseline?: EngineOutcome;
  /** It saw the same pictures, so answers can be compared. */
  readonly sameModel: boolean;
  readonly quantized: boolean;
  /** Frames in one run that were asked for. */
  readonly wantedBatch: number;
  /** Of engines that keep one. */
  readonly log?: EngineLog;
}

export function judge(judged: Judged): Trial {
  return { ...verdictOf(judged), ...defined({ log: judged.log?.lines }) };
}

function verdictOf(judged: Judged): Trial {
  const { name, outcome, wantedBatch, log } = judged;
  const figures = figuresOf(judged);
  const alike = likeness(judged);
  const words = [
    outcome.precision,
    `${outcome.p50Ms.toFixed(1)} ms (p95 ${outcome.p95Ms.toFixed(1)})`,
    `${outcome.framesPerSecond.toFixed(1)} frames/s`,
    ...(figures.speedUp === undefined ? [] : [`${figures.speedUp.toFixed(2)} x the processor`]),
    ...(outcome.reopenMs === undefined
      ? []
      : [`built in ${seconds(outcome.openMs)}, loaded in ${seconds(outcome.reopenMs)}`]),
    ...(alike === undefined ? [] : [`agrees on ${(alike.reached * 100).toFixed(1)} %`]),
    ...(log === undefined ? [] : engineLogWords(log)),
  ].join(', ');
  if (alike !== undefined && alike.reached < alike.least) {
    return fails(
      'engines',
      name,
      `${words}; ${(alike.least * 100).toFixed(1)} % is needed`,
      'It computes something else than the model. Do not use it here; send us the report.',
      figures,
    );
  }
  if (wantedBatch > 1 && outcome.batch < wantedBatch) {
    return fails(
      'engines',
      name,
      `one frame in a run: the batch of the model is fixed, or the engine refuses it`,
      'If several cameras share the engine, export the model with a free batch.',
      figures,
    );
  }
  return works('engines', name, words, figures);
}

function likeness({ outcome, baseline, sameModel, quantized }: Judged) {
  const { golden } = outcome;
  if (golden !== undefined) return { reached: golden.agreement, least: golden.least };
  if (baseline === undefined || !sameModel) return undefined;
  const pairs = outcome.answers.map((found, index) => ({ found, expected: baseline.answers[index] ?? [] }));
  return {
    reached: agreement(pairs, goldenRules),
    least: quantized ? leastAlike.quantized : leastAlike.exact,
  };
}

function figuresOf({ outcome, baseline }: Judged): Record<string, number> {
  const { p50Ms, p95Ms, framesPerSecond, openMs, reopenMs, golden } = outcome;
  return {
    p50Ms,
    p95Ms,
    framesPerSecond,
    openMs,
    ...defined({ reopenMs }),
    ...(golden === undefined ? {} : { goldenAgreement: golden.agreement }),
    ...(baseline === undefined ? {} : { speedUp: framesPerSecond / baseline.framesPerSecond }),
  };
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
