// Around: no package: videos and streams are read by the ffmpeg of the system, a child process

export { type WriteClipOptions, writeClip } from './clip/write-clip.ts';
export { FfmpegFrameSource, type FfmpegOptions } from './live.ts';
export { probeVideo, type VideoInfo } from './probe.ts';
export { VideoFrameSource, type VideoOptions } from './video.ts';
