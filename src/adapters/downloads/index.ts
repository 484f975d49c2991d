export { type DownloadOptions, download } from './download.ts';
