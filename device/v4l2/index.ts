// Around: no package: the kernel's video devices, through a thin addon of our own
export { type ListedCamera, listCameras } from './list.ts';
export type { OpenNode, VideoNode } from './node.ts';
export { V4l2FrameSource, type V4l2Options } from './source.ts';
