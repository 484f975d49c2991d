// Around: onnxruntime-node

export { OnnxruntimeGraphRunner } from './onnxruntime-graph-runner.ts';
