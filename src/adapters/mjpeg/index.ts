// Around: no package: a stream of JPEG pictures over HTTP, read by node:http

export { MjpegFrameSource, type MjpegOptions } from './source.ts';
