// Around: nothing outside Node, because the addon behind native/ speaks DDS

export { type RosEnvironment, rosEnvironment, socketBufferWarning } from './configuration.ts';
export { DdsNode, type DdsNodeOptions } from './node.ts';
