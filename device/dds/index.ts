export { type RosEnvironment, rosEnvironment, socketBufferWarning } from './configuration.ts';
export { DdsNode, type DdsNodeOptions } from './node.ts';
