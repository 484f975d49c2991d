// Around: no package: pictures are read by node:fs, videos by the ffmpeg of the system

export { FolderFrameSource, listPictures, type PictureDecoder } from './folder.ts';
export { probeVideo, type VideoInfo } from './probe.ts';
export type { ReplayOptions, ReplayPace } from './stream.ts';
export { VideoFrameSource, type VideoOptions } from './video.ts';
