export { type DownloadOptions, download, failureOf, refusalOf } from './download.ts';
