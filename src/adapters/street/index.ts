// Around: no package: it is a worker thread around the simulated street

export { type FrameTruth, StreetFrameSource, type StreetFrameSourceOptions } from './source.ts';
