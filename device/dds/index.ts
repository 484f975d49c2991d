// Around: no package: the project's own DDS addons, which native/index.ts loads
export { type RosEnvironment, rosEnvironment } from './configuration.ts';
export { DdsNode, type DdsNodeOptions } from './node.ts';
