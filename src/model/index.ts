export { type Bundle, fileIn } from './bundle.ts';
export {
  type ContractOverrides,
  describeShape,
  type NetworkInfo,
  proposeContracts,
  type TensorInfo,
} from './contracts.ts';
export { type BuiltPlan, EngineCache, type EngineStore } from './engine/engine-cache.ts';
export { EngineFingerprint, mostWorkspaceBytes, workspaceSteps } from './engine/engine-key.ts';
export { EngineManifest, EngineState } from './engine/engine-state.ts';
export { describeForced, forcedVariants } from './forced.ts';
export { parseLabels } from './labels.ts';
export {
  BundleFile,
  DecoderName,
  Digest,
  InputContract,
  Manifest,
  OutputContract,
  Variant,
  VariantKind,
} from './manifest.ts';
export { readOnnxHeader, refuseTooLarge } from './onnx-header.ts';
export { bundleFiles, formatManifest, parseManifest } from './parse.ts';
export { chooseVariant, type EngineName, precisionOf } from './variant.ts';
