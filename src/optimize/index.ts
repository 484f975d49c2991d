export { collectStatistics, type ValueStatistics } from './calibrate/collect.ts';
export type { Progress, SampleSet } from './calibrate/samples.ts';
export { type CalibrationMethod, calibrationMethods } from './calibrate/thresholds.ts';
export { type Checkpoints, noCheckpoints } from './chain/checkpoints.ts';
export {
  agreement,
  chooseGolden,
  type GoldenDetection,
  type GoldenFrame,
  type GoldenSet,
  goldenFrames,
  goldenMargin,
  goldenRules,
} from './chain/golden.ts';
export {
  type ChainPorts,
  type ChainReport,
  type ChainResult,
  type Measured,
  optimizeModel,
  type VariantReport,
} from './chain/optimize.ts';
export { accuracyPicture } from './chain/picture.ts';
export type { QuantizationReport } from './chain/quantize-step.ts';
export type { ChainSettings, VariantName } from './chain/settings.ts';
export {
  type AccuracyScore,
  measureAccuracy,
  type ScoredSet,
  type Scorer,
  type Scoring,
} from './evaluate/accuracy.ts';
export { type Latency, measureLatency } from './evaluate/latency.ts';
export { Graph } from './onnx/graph.ts';
export { cloneGraph, loadModel, saveModel } from './onnx/load.ts';
export { variantKindOf } from './onnx/precision.ts';
export { freeBatch } from './passes/batch.ts';
export { exposeValue, poolEmbedding } from './passes/embedding.ts';
export { prepareGraph } from './passes/prepare.ts';
export type { Importance } from './prune/blocks.ts';
export { defaultPruneSettings, type PruneReport, type PruneSettings, pruneGraph } from './prune/prune.ts';
export { checkRatio, defaultPruneOptions } from './prune/select.ts';
export { writeFloat16 } from './quantize/float16.ts';
export { findLayers, type Layer } from './quantize/layers.ts';
export {
  calibratedValues,
  defaultPlanOptions,
  floatOperators,
  Planner,
  type PlanOptions,
  type QuantizationPlan,
} from './quantize/plan.ts';
export { type QdqForm, writeQdq } from './quantize/qdq.ts';
export { writeWeightOnly } from './quantize/weight-only.ts';
export { widenStem } from './quantize/wide-stem.ts';
export type { GraphRunner, LoadedGraph, LoadOptions, RunResult, RunTensor, RunTensors } from './runner.ts';
export { type LayerHarm, planNoise, scanLayers } from './sensitivity/scan.ts';
export { type SearchResult, searchFloatLayers } from './sensitivity/search.ts';
