// Around: onnxruntime-node

export { OnnxruntimeDetector, type OnnxruntimeDetectorOptions } from './detector.ts';
export { inspectOnnx, type OnnxInspection, readOnnx } from './inspect.ts';
export { onnxruntimeVersion } from './version.ts';
