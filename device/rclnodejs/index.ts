// Around: rclnodejs
export { loadRclnodejs, type RclNode, type Rclnodejs } from './load.ts';
export { RclnodejsNode, type RclnodejsNodeOptions } from './node.ts';
