export { OnnxruntimeDetector, type OnnxruntimeDetectorOptions } from './detector.ts';
export { inspectOnnx, type OnnxInspection } from './inspect.ts';
