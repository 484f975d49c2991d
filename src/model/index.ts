export { type Bundle, fileIn } from './bundle.ts';
export {
  type ContractOverrides,
  describeShape,
  type NetworkInfo,
  proposeContracts,
  type TensorInfo,
} from './contracts.ts';
export { type BuildEngine, type BuiltPlan, EngineCache, type EngineStore } from './engine/engine-cache.ts';
export {
  EngineFingerprint,
  engineKey,
  mostWorkspaceBytes,
  type Sha256,
  workspaceSteps,
} from './engine/engine-key.ts';
export {
  type EngineEvent,
  EngineManifest,
  EngineState,
  emptyEntry,
  engineTransitions,
  mostRefusals,
  nextEntry,
} from './engine/engine-state.ts';
export { describeForced, type ForcedVariant, forcedVariants } from './forced.ts';
export { checkLabelCount, parseLabels } from './labels.ts';
export {
  Accuracy,
  BundleFile,
  DecoderName,
  Digest,
  InputContract,
  Manifest,
  OutputContract,
  Variant,
  VariantKind,
} from './manifest.ts';
export { maxOnnxBytes, type OnnxHeader, readOnnxHeader, refuseTooLarge } from './onnx-header.ts';
export { bundleFiles, formatManifest, parseManifest } from './parse.ts';
export { chooseVariant, type EngineName, precisionOf, type VariantChoice } from './variant.ts';
