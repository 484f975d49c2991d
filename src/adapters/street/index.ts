export { type FrameTruth, StreetFrameSource, type StreetFrameSourceOptions } from './source.ts';
