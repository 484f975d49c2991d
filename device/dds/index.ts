export { type RosEnvironment, rosEnvironment, socketBufferWarning } from './configuration.ts';
export { DdsDetectionSink, type DdsDetectionSinkOptions } from './detection-sink.ts';
export { DdsFrameSource, type DdsFrameSourceOptions, type DdsSourceCounts } from './frame-source.ts';
export { DdsNode, type DdsNodeOptions, type Publisher, type SubscribeOptions } from './node.ts';
