import type { MeasureName } from '../../model/index.ts';
import type { Progress, SampleSet } from '../calibrate/samples.ts';
import type { GraphRunner, RunTensors } from '../runner.ts';

/** Accuracy on a named set, by the measure of the task. */
export interface AccuracyScore {
  readonly measure: MeasureName;
  /** 0..1, more is better: what budgets count. */
  readonly value: number;
  /** A second one, for people. */
  readonly beside: { readonly measure: MeasureName; readonly value: number };
  /** Classes that the truth has. */
  readonly perClass: readonly { readonly label: string; readonly value: number }[];
}

/** With what it would be on other draws of the same pictures; two models' belong together one by one. */
export interface ResampledScore extends AccuracyScore {
  /** The measure of every draw; empty where none was asked for. */
  readonly resampled: readonly number[];
}

/** Port: turns a network's raw outputs into accuracy; the decoder and the ground truth are behind it. */
export interface Scorer {
  start(): Scoring;
}

export interface Scoring {
  /** Outputs of the network for picture `index` of the set. */
  add(index: number, outputs: RunTensors): void;
  score(): ResampledScore;
}

/** A set with ground truth, or with the float model's own answers in its place. */
export interface ScoredSet {
  readonly samples: SampleSet;
  readonly judge: Scorer;
}

/** Runs a model over a set. */
export async function measureAccuracy(
  model: Uint8Array,
  runner: GraphRunner,
  { samples, judge }: ScoredSet,
  progress: Progress = () => {},
): Promise<ResampledScore> {
  const [scoring] = await judgeRuns([judge], model, runner, samples, progress);
  return scoring!.score();
}

/** The same answers, to be scored in several ways: a run of the network costs most, and drawing the pictures anew some, too. */
export async function judgeRuns(
  judges: readonly Scorer[],
  model: Uint8Array,
  runner: GraphRunner,
  samples: SampleSet,
  progress: Progress = () => {},
): Promise<readonly Scoring[]> {
  const scorings = judges.map((judge) => judge.start());
  const loaded = await runner.load(model);
  try {
    for (let i = 0; i < samples.count; i += 1) {
      progress('evaluating', i, samples.count);
      const { outputs } = await loaded.run(await samples.input(i));
      for (const scoring of scorings) scoring.add(i, outputs);
    }
  } finally {
    await loaded.close();
  }
  progress('evaluating', samples.count, samples.count);
  return scorings;
}
