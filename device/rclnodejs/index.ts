export { loadRclnodejs, type RclNode, type Rclnodejs } from './load.ts';
export { RclnodejsDetectionSink, RclnodejsFrameSource } from './node.ts';
