export { type BuildItem, buildReport, nativeBuild } from '../../native/index.ts';
export { CrashNotes, type EngineCrash } from './crash-notes.ts';
export { NativeDetector, type NativeDetectorOptions } from './detector.ts';
export {
  type EngineBuildEvent,
  EngineCacheManager,
  type EngineCacheManagerOptions,
  type PlanWork,
} from './engine-cache-manager.ts';
export { type EngineLayer, type EngineLayers, engineLayers } from './engine-layers.ts';
export {
  chooseEngine,
  type EngineChoice,
  type EngineState,
  nativeEngines,
  nativeFeatures,
  onnxruntimeLibrary,
} from './engines.ts';
export { buildPlan, type PlanProgress, type PlanRequest } from './plan-builder.ts';
export { PlanFolder } from './plan-store.ts';
