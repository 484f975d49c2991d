export { type BuildItem, buildReport } from '../../native/index.ts';
export { NativeDetector, type NativeDetectorOptions } from './detector.ts';
export {
  chooseEngine,
  type EngineChoice,
  type EngineState,
  nativeEngines,
  onnxruntimeLibrary,
} from './engines.ts';
