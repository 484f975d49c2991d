export type { Progress, SampleSet } from './calibrate/samples.ts';
export type { CalibrationMethod } from './calibrate/thresholds.ts';
export type { Checkpoints } from './chain/checkpoints.ts';
export {
  agreement,
  chooseGolden,
  type GoldenDetection,
  type GoldenSet,
  goldenFrames,
  goldenMargin,
  goldenRules,
} from './chain/golden.ts';
export { type ChainReport, type ChainResult, type Measured, optimizeModel } from './chain/optimize.ts';
export { accuracyPicture } from './chain/picture.ts';
export type { ChainSettings, VariantName } from './chain/settings.ts';
export type { AccuracyScore, ScoredSet, Scorer, Scoring } from './evaluate/accuracy.ts';
export { cloneGraph, loadModel, saveModel } from './onnx/load.ts';
export { exposeValue, poolEmbedding } from './passes/embedding.ts';
export type { Importance } from './prune/blocks.ts';
export { defaultPruneSettings } from './prune/prune.ts';
export { checkRatio } from './prune/select.ts';
export type { GraphRunner, LoadedGraph, LoadOptions, RunResult, RunTensor, RunTensors } from './runner.ts';
