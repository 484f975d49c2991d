export { collectStatistics, type ValueStatistics } from './calibrate/collect.ts';
export type { Progress, SampleSet } from './calibrate/samples.ts';
export { type CalibrationMethod, calibrationMethods } from './calibrate/thresholds.ts';
export {
  type AccuracyScore,
  type Judge,
  type JudgedSet,
  measureAccuracy,
  type Scoring,
} from './evaluate/accuracy.ts';
export { type Latency, measureLatency } from './evaluate/latency.ts';
export { Graph } from './onnx/graph.ts';
export { cloneGraph, loadModel, saveModel } from './onnx/load.ts';
export { prepareGraph } from './passes/prepare.ts';
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
export type { GraphRunner, LoadedGraph, LoadOptions, RunResult, RunTensor, RunTensors } from './runner.ts';
export { type LayerHarm, planNoise, scanLayers } from './sensitivity/scan.ts';
export { type SearchResult, searchFloatLayers } from './sensitivity/search.ts';
