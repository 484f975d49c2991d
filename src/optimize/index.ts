export { Graph } from './onnx/graph.ts';
export { cloneGraph, loadModel, saveModel } from './onnx/load.ts';
export type { GraphRunner, LoadedGraph, LoadOptions, RunResult, RunTensor, RunTensors } from './runner.ts';
export { prepareGraph } from './passes/prepare.ts';
