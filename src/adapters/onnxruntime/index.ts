export { OnnxruntimeDetector, type OnnxruntimeDetectorOptions } from './detector.ts';
export { inspectOnnx, inspectOnnxBytes, type OnnxInspection } from './inspect.ts';
