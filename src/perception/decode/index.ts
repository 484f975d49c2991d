export { Candidates } from './candidates.ts';
export { checkHead } from './check-head.ts';
export { type DecodeOptions, HeadDecoder, maxCandidates } from './head-decoder.ts';
export { type OutputTensor, outputTensor, rawTensor, type TensorShape } from './output-tensor.ts';
