// Around: onnxruntime-node, whose shared library serves the native engine; the rest is the project's own addon
export { nativeBuild, refuseNative } from '../../native/index.ts';
export { type AddonFile, type AddonName, addonFiles, loadAddon } from './addons.ts';
export { nativeConvertPicture, nativeConvertPictureAside } from './convert-picture.ts';
export { NativeCrashNotes } from './crash-notes.ts';
export { NativeDetector, type NativeDetectorOptions } from './detector.ts';
export {
  EngineCacheManager,
  type EngineCacheManagerOptions,
  type PlanWork,
} from './engine-cache-manager.ts';
export { type EngineLayer, type EngineLayers, engineLayers } from './engine-layers.ts';
export {
  describeTensorrt,
  hasKernels,
  nativeEngines,
  nativeFeatures,
  onnxruntimeLibrary,
  referencePlugin,
} from './engines.ts';
export { buildPlan, type PlanProgress, type PlanRequest } from './plan-builder.ts';
export type { PlanSeal } from './plan-seal.ts';
export { PlanFolder } from './plan-store.ts';
export { lockProblem, SecretMemory, type SecretMemoryState } from './secret-memory.ts';
