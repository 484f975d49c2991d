export { OnnxruntimeGraphRunner } from './onnxruntime-graph-runner.ts';
