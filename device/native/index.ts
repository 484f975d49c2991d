export { CrashNotes, type EngineCrash } from './crash-notes.ts';
export { NativeDetector, type NativeDetectorOptions } from './detector.ts';
export {
  chooseEngine,
  type EngineChoice,
  type EngineState,
  nativeEngines,
  onnxruntimeLibrary,
} from './engines.ts';
