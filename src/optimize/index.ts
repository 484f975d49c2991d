export type { Progress, SampleSet } from './calibrate/samples.ts';
export type { CalibrationMethod } from './calibrate/thresholds.ts';
export type { Checkpoints } from './chain/checkpoints.ts';
export { chooseGolden, goldenFrames, goldenMargin } from './chain/choose-golden.ts';
export { estimateTime, type TimeEstimate } from './chain/estimate.ts';
export { type ChainReport, type ChainResult, type Measured, optimizeModel } from './chain/optimize.ts';
export { accuracyPicture } from './chain/picture.ts';
export type { ChainSettings, VariantName } from './chain/settings.ts';
export type {
  AccuracyScore,
  ResampledScore,
  ScoredSet,
  Scorer,
  Scoring,
} from './evaluate/accuracy.ts';
export { cloneGraph, loadModel, saveModel } from './onnx/load.ts';
export { normalizesItself } from './onnx/own-normalization.ts';
export { variantKindOf } from './onnx/precision.ts';
export { makeTensor } from './onnx/tensor.ts';
export { fixBatch, freeBatch } from './passes/batch.ts';
export { confirmBatch } from './passes/confirm-batch.ts';
export { exposeValue, poolEmbedding } from './passes/embedding.ts';
export { bindInput, fixPictureSize, requireStaticInputs } from './passes/inputs.ts';
export { prepareGraph } from './passes/prepare.ts';
export type { Importance } from './prune/blocks.ts';
export { defaultPruneSettings } from './prune/prune.ts';
export { checkRatio } from './prune/select.ts';
export { writeFloat16 } from './quantize/float16.ts';
export type { GraphRunner, LoadedGraph, LoadOptions, RunResult, RunTensor, RunTensors } from './runner.ts';
