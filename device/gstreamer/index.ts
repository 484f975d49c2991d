// Around: no package: the project's own GStreamer addon, which native/index.ts loads
export { type MemoryHere, memoriesHere } from './memories.ts';
export { cameraPipeline, csiPipeline, ownPipeline, type PipelineText } from './pipelines.ts';
export { GstreamerFrameSource, type GstreamerOptions, gstreamerReady, streamProblem } from './source.ts';
